// Asks for vectors and reads them.
#include "providers/embeddings.hpp"

#include "json/writer.hpp"
#include "providers/answer_decoder.hpp"
#include "providers/endpoint.hpp"
#include "providers/fields.hpp"
#include "providers/validate.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <utility>

namespace conclave::providers {
namespace {

using vectors = std::vector<std::vector<float>>;

static_assert(sizeof(float) == 4);

int value_of(char c) {
    if (c >= 'A' && c <= 'Z') return c - 'A';
    if (c >= 'a' && c <= 'z') return c - 'a' + 26;
    if (c >= '0' && c <= '9') return c - '0' + 52;
    if (c == '+') return 62;
    return c == '/' ? 63 : -1;
}

std::optional<std::vector<std::uint8_t>> decode_base64(std::string_view text) {
    while (text.ends_with('=')) text.remove_suffix(1);
    if (text.size() % 4 == 1) return std::nullopt;
    std::vector<std::uint8_t> bytes;
    bytes.reserve(text.size() / 4 * 3 + 2);
    std::uint32_t bits = 0;
    int held = 0;
    for (const char c : text) {
        const auto value = value_of(c);
        if (value < 0) return std::nullopt;
        bits = (bits << 6) | static_cast<std::uint32_t>(value);
        held += 6;
        if (held < 8) continue;
        held -= 8;
        bytes.push_back(static_cast<std::uint8_t>(bits >> held));
    }
    return bytes;
}

/// What the bytes behind base64 are.
enum class packing { float32, int8 };

/// Vendors that pack otherwise than the others.
constexpr std::array<std::string_view, 1> int8_hosts = {"api.perplexity.ai"};

packing packing_of(std::string_view base_url) {
    const auto host = host_of(base_url);
    const bool is_int8 = std::find(int8_hosts.begin(), int8_hosts.end(), host) != int8_hosts.end();
    return is_int8 ? packing::int8 : packing::float32;
}

/// Little-endian.
bool unpack(const std::vector<std::uint8_t>& bytes, packing form, std::vector<float>& v) {
    if (form == packing::int8) {
        for (const auto byte : bytes)
            v.push_back(static_cast<float>(static_cast<std::int8_t>(byte)));
        return true;
    }
    if (bytes.size() % 4 != 0) return false;
    for (std::size_t i = 0; i < bytes.size(); i += 4) {
        const auto bits = static_cast<std::uint32_t>(bytes[i]) |
                          static_cast<std::uint32_t>(bytes[i + 1]) << 8 |
                          static_cast<std::uint32_t>(bytes[i + 2]) << 16 |
                          static_cast<std::uint32_t>(bytes[i + 3]) << 24;
        v.push_back(std::bit_cast<float>(bits));
    }
    return true;
}

bool read_vector(const json::element* found, packing form, std::vector<float>& v) {
    if (found == nullptr) return false;
    if (const auto* text = found->as_string()) {
        const auto bytes = decode_base64(*text);
        return bytes && unpack(*bytes, form, v) && !v.empty();
    }
    const auto items = found->is_array() ? found->children() : json::elements();
    if (items.empty()) return false;
    v.reserve(items.size());
    for (const auto& item : items) {
        const auto number = item.as_number();
        if (!number) return false;
        v.push_back(static_cast<float>(*number));
    }
    return true;
}

bool have_one_length(const vectors& all) {
    return !all.empty() && std::all_of(all.begin(), all.end(), [&](const auto& v) {
        return v.size() == all.front().size();
    });
}

std::optional<token_usage> input_only(std::optional<std::int64_t> tokens) {
    if (!tokens) return std::nullopt;
    return token_usage{.input = *tokens};
}

/// Reads one answer into the vectors it was made with.
class openai_vectors final : public answer_reader {
   public:
    openai_vectors(vectors& to, packing form) : to_(to), form_(form) {}

    bool read_success(const json::element& document, answer_draft& draft) const override {
        const auto items = items_at(document, "data");
        std::vector<std::pair<std::int64_t, std::vector<float>>> found;
        for (const auto& item : items) {
            const auto arrived = static_cast<std::int64_t>(found.size());
            found.push_back({count_at(item, {"/index"}).value_or(arrived), {}});
            if (!read_vector(json::find(item, "embedding"), form_, found.back().second))
                return false;
        }
        std::stable_sort(found.begin(), found.end(),
                         [](const auto& a, const auto& b) { return a.first < b.first; });
        for (auto& [index, v] : found) to_.push_back(std::move(v));
        draft.name(word_at(document, "model"), word_at(document, "id"));
        if (const auto* usage = json::find(document, "usage")) {
            draft.usage = input_only(count_at(*usage, {"/prompt_tokens"}));
            draft.told_cost_nano_usd = told_cost_nano_usd(*usage);
        }
        return have_one_length(to_);
    }

   private:
    vectors& to_;
    packing form_;
};

class gemini_vectors final : public answer_reader {
   public:
    explicit gemini_vectors(vectors& to) : to_(to) {}

    bool read_success(const json::element& document, answer_draft& draft) const override {
        const auto add = [&](const json::element& item) {
            return read_vector(json::find(item, "values"), packing::float32, to_.emplace_back());
        };
        if (const auto* one = json::find(document, "embedding"); one != nullptr && !add(*one))
            return false;
        for (const auto& item : items_at(document, "embeddings"))
            if (!add(item)) return false;
        draft.usage = input_only(count_at(document, {"/usageMetadata/promptTokenCount"}));
        return have_one_length(to_);
    }

   private:
    vectors& to_;
};

result<void> check(const embeddings_request& request) {
    if (request.model.empty()) return invalid("model", "must not be empty");
    if (request.inputs.empty()) return invalid("inputs", "must not be empty");
    return {};
}

/// What both have in common.
class vector_codec : public embeddings_codec {
   public:
    explicit vector_codec(std::shared_ptr<const request_headers> headers)
        : headers_(std::move(headers)) {}

    result<wire_request> encode(const embeddings_request& request) const final {
        if (auto checked = check(request); !checked) return checked.error();
        return wire_request{"POST", url(request), headers_->make(), body(request)};
    }

    embeddings_answer read(std::int64_t status, const header_list& headers, std::string_view body,
                           wire_end end) const final {
        embeddings_answer answer;
        answer_decoder decoder(reader(answer.vectors), headers_, {}, answer_form::whole);
        std::vector<stream_fact> none;
        if (status != 0) decoder.on_head(status, headers);
        decoder.on_body(body, none);
        answer.call = decoder.on_end(end);
        if (answer.call.outcome != call_class::ok) answer.vectors.clear();
        return answer;
    }

   private:
    virtual std::string url(const embeddings_request& request) const = 0;
    virtual std::string body(const embeddings_request& request) const = 0;
    virtual std::shared_ptr<const answer_reader> reader(vectors& to) const = 0;

    std::shared_ptr<const request_headers> headers_;
};

class openai_embeddings final : public vector_codec {
   public:
    explicit openai_embeddings(const new_provider& provider)
        : vector_codec(std::make_shared<request_headers>(provider)),
          url_(extend_url(provider.base_url, "/embeddings")),
          packing_(packing_of(provider.base_url)) {
        if (!provider.api_version.empty())
            url_ = add_query(std::move(url_), "api-version=" + provider.api_version);
    }

   private:
    std::string url(const embeddings_request&) const override { return url_; }

    std::string body(const embeddings_request& request) const override {
        json::writer w;
        w.begin_object().key("model").string(request.model).key("input").begin_array();
        for (const auto& input : request.inputs) w.string(input);
        w.end_array();
        if (request.dimensions) w.key("dimensions").integer(*request.dimensions);
        w.end_object();
        return std::move(w).text();
    }

    std::shared_ptr<const answer_reader> reader(vectors& to) const override {
        return std::make_shared<openai_vectors>(to, packing_);
    }

    std::string url_;
    packing packing_;
};

class gemini_embeddings final : public vector_codec {
   public:
    explicit gemini_embeddings(const new_provider& provider)
        : vector_codec(
              std::make_shared<request_headers>(provider, key_place{"x-goog-api-key", ""})),
          base_url_(provider.base_url),
          version_("/" + (provider.api_version.empty() ? "v1beta" : provider.api_version)) {}

   private:
    std::string url(const embeddings_request& request) const override {
        return extend_versioned_url(
            base_url_, version_, "/models/" + path_segment(request.model) + ":batchEmbedContents");
    }

    std::string body(const embeddings_request& request) const override {
        json::writer w;
        w.begin_object().key("requests").begin_array();
        for (const auto& input : request.inputs) {
            w.begin_object().key("model").string("models/" + request.model);
            w.key("content").begin_object().key("parts").begin_array();
            w.begin_object().key("text").string(input).end_object().end_array().end_object();
            if (request.dimensions) w.key("outputDimensionality").integer(*request.dimensions);
            w.end_object();
        }
        w.end_array().end_object();
        return std::move(w).text();
    }

    std::shared_ptr<const answer_reader> reader(vectors& to) const override {
        return std::make_shared<gemini_vectors>(to);
    }

    std::string base_url_;
    std::string version_;
};

}  // namespace

result<std::unique_ptr<embeddings_codec>> make_embeddings_codec(const new_provider& provider) {
    if (auto checked = validate(provider); !checked) return checked.error();
    std::unique_ptr<embeddings_codec> made;
    if (provider.kind == provider_kind::openai)
        made = std::make_unique<openai_embeddings>(provider);
    else if (provider.kind == provider_kind::gemini)
        made = std::make_unique<gemini_embeddings>(provider);
    else
        return invalid("kind", "must be openai or gemini");
    return made;
}

}  // namespace conclave::providers
