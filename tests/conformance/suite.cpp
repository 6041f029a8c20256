// Loads the cases and goes through their steps.
#include "suite.hpp"

#include "json/parse.hpp"
#include "json/pointer.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>
#include <utility>
#include <vector>

namespace conclave::conformance {

namespace {

using json::value;

struct test_case {
    std::string name;
    value open;
    value files;
    value handlers;
    json::array steps;
};

value member_or(const value& document, std::string_view key, const value& otherwise) {
    const auto* found = json::find(document, key);
    return found != nullptr ? *found : otherwise;
}

void put(json::object& members, const std::string& key, const value& v) {
    const auto at = std::find_if(members.begin(), members.end(),
                                 [&](const json::member& m) { return m.key == key; });
    if (at != members.end())
        at->value = v;
    else
        members.push_back({key, v});
}

value parse_file(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    // Deeper than the engine reads: cases say so.
    auto parsed = json::parse(text.str(), path.filename().string(), {.depth = 256});
    if (!parsed) throw std::runtime_error(parsed.error().message);
    return *std::move(parsed);
}

test_case read_case(const std::string& file_name, const value& file, const value& one) {
    json::object open = {{"store", ":memory:"}};
    for (const auto* part : {json::find(file, "open"), json::find(one, "open")}) {
        if (part == nullptr) continue;
        for (const auto& [key, inner] : *part->as_object()) put(open, key, inner);
    }
    test_case c;
    c.name = file_name + ": " + text_of(one, "name");
    c.open = std::move(open);
    c.files = member_or(one, "files", json::object{});
    c.handlers = member_or(one, "handlers", json::object{});
    c.steps = *member_or(one, "before", member_or(file, "before", json::array{})).as_array();
    for (const auto& step : *json::find(one, "steps")->as_array()) c.steps.push_back(step);
    return c;
}

std::vector<test_case> load_cases() {
    std::vector<std::filesystem::path> paths;
    for (const auto& entry : std::filesystem::directory_iterator(CONCLAVE_CASES))
        if (entry.path().extension() == ".json") paths.push_back(entry.path());
    std::sort(paths.begin(), paths.end());
    std::vector<test_case> cases;
    for (const auto& path : paths) {
        const auto file = parse_file(path);
        for (const auto& one : *json::find(file, "cases")->as_array())
            cases.push_back(read_case(path.stem().string(), file, one));
    }
    return cases;
}

/// A folder that goes away again.
class temporary_folder {
   public:
    temporary_folder() {
        auto pattern = (std::filesystem::temp_directory_path() / "conformance-XXXXXX").string();
        if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder");
        path_ = pattern;
    }
    ~temporary_folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    temporary_folder(const temporary_folder&) = delete;
    temporary_folder& operator=(const temporary_folder&) = delete;

    const std::filesystem::path& path() const { return path_; }

   private:
    std::filesystem::path path_;
};

/// One case on its way.
class run {
   public:
    run(const test_case& c, const make_host& make) : handlers_(c.handlers), host_(make(handlers_)) {
        saved_["tmp"] = folder_.path().string();
        for (const auto& [name, text] : *c.files.as_object())
            std::ofstream(folder_.path() / name, std::ios::binary) << *text.as_string();
        const auto opened = host_->open(fill_in(c.open, saved_));
        if (opened.failed) throw mismatch("open failed: " + brief(opened.document));
    }

    void step(const value& s) {
        if (const auto* ms = json::find(s, "advance")) {
            const order o{.operation = "gateway.advance", .document = json::object{{"ms", *ms}}};
            judge({}, host_->call(o));
        } else if (const auto name = text_of(s, "cancel"); !name.empty()) {
            host_->cancel(name);
        } else if (const auto name = text_of(s, "as"); !name.empty()) {
            host_->start(name, order_of(s));
        } else if (const auto name = text_of(s, "await"); !name.empty()) {
            judge(s, host_->wait(name));
        } else if (const auto* document = json::find(s, "open")) {
            judge(s, host_->open(fill_in(*document, saved_)));
        } else {
            judge(s, host_->call(order_of(s)));
        }
        handlers_.judge();
    }

   private:
    order order_of(const value& s) const {
        order o;
        o.operation = text_of(s, "call");
        o.streamed = o.operation.empty();
        if (o.streamed) o.operation = text_of(s, "stream");
        if (const auto* in = json::find(s, "in")) o.document = fill_in(*in, saved_);
        if (const auto* t = json::find(s, "tenant")) o.tenant = *fill_in(*t, saved_).as_string();
        if (const auto* k = json::find(s, "api_key")) o.api_key = *fill_in(*k, saved_).as_string();
        o.request_id = text_of(s, "request_id");
        return o;
    }

    void judge(const value& s, const answer& a) {
        const auto* error = json::find(s, "error");
        if (a.failed) {
            if (error == nullptr) throw mismatch("failed: " + brief(a.document));
            return match_error(fill_in(*error, saved_), a.document);
        }
        if (error != nullptr) throw mismatch("succeeded: " + brief(a.document));
        for (const auto* key : {"out", "events"})
            if (const auto* pattern = json::find(s, key))
                match(fill_in(*pattern, saved_), a.document);
        const auto* save = json::find(s, "save");
        if (save == nullptr) return;
        for (const auto& [name, pointer] : *save->as_object()) {
            const auto* found = json::at_pointer(a.document, *pointer.as_string());
            if (found == nullptr) throw mismatch("there is nothing at " + *pointer.as_string());
            saved_[name] = *found;
        }
    }

    temporary_folder folder_;
    planned_handlers handlers_;
    std::unique_ptr<host> host_;
    values saved_;
};

/// What went wrong, or nothing.
std::optional<std::string> run_case(const test_case& c, const make_host& make) {
    std::string at = "open";
    try {
        run r(c, make);
        for (std::size_t i = 0; i < c.steps.size(); ++i) {
            const auto& first = c.steps[i].as_object()->front();
            at = "step " + std::to_string(i) + " (" + first.key + " " + brief(first.value) + ")";
            r.step(c.steps[i]);
        }
        return std::nullopt;
    } catch (const std::exception& e) {
        return at + ": " + e.what();
    }
}

}  // namespace

answer planned_handlers::next(const std::string& name, const value& request) {
    const std::scoped_lock lock(mutex_);
    const auto* calls = json::find(plan_, name);
    auto& asked = asked_[name];
    if (calls == nullptr || asked >= calls->as_array()->size()) {
        if (!wrong_) wrong_ = mismatch("nobody expected " + name + " to be asked");
        return {true, json::object{{"code", "INTERNAL_ERROR"}, {"message", "not planned"}}};
    }
    const auto& planned = (*calls->as_array())[asked++];
    try {
        match(*json::find(planned, "request"), request, "request");
    } catch (const mismatch& m) {
        if (!wrong_) wrong_ = m;
    }
    if (const auto* error = json::find(planned, "error")) return {true, *error};
    return {false, *json::find(planned, "answer")};
}

void planned_handlers::judge() {
    const std::scoped_lock lock(mutex_);
    if (wrong_) throw mismatch(*wrong_);
}

int run_suite(int argc, char** argv, std::string_view language, const make_host& make) {
    const std::vector<std::string> arguments(argv + 1, argv + argc);
    const auto option = std::find(arguments.begin(), arguments.end(), "--case");
    const auto wanted = option == arguments.end() || option + 1 == arguments.end() ? "" : option[1];
    const bool all = std::find(arguments.begin(), arguments.end(), "-v") != arguments.end();
    int passed = 0;
    int failed = 0;
    for (const auto& c : load_cases()) {
        if (c.name.find(wanted) == std::string::npos) continue;
        const auto problem = run_case(c, make);
        ++(problem ? failed : passed);
        if (problem) std::cout << "FAILED " << c.name << ": " << *problem << std::endl;
        if (!problem && all) std::cout << "passed " << c.name << std::endl;
    }
    std::cout << language << ": " << passed << " passed, " << failed << " failed" << std::endl;
    return failed > 0 || passed == 0 ? 1 : 0;
}

}  // namespace conclave::conformance
