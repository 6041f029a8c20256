// Runs the cases through one way to call conclave.
#pragma once

#include "json/value.hpp"
#include "pattern.hpp"

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace conclave::conformance {

/// One call as a case describes it.
struct order {
    std::string operation;
    json::value document = json::object{};
    std::optional<std::string> tenant = {};
    std::optional<std::string> api_key = {};
    std::string request_id = {};
    bool streamed = false;
};

/// The document, of a stream the array of its events, or the error.
struct answer {
    bool failed = false;
    json::value document = {};
};

/// What the case's own callback providers and tools answer. Thread-safe.
class planned_handlers {
   public:
    explicit planned_handlers(json::value plan) : plan_(std::move(plan)) {}

    /// The next answer of this provider or tool; what it was asked is compared with the plan.
    answer next(const std::string& name, const json::value& request);
    /// Throws the first mismatch of a request.
    void judge();

   private:
    std::mutex mutex_;
    json::value plan_;
    std::map<std::string, std::size_t> asked_;
    std::optional<mismatch> wrong_;
};

/// Gateways as one language opens and calls them. Used by one thread.
class host {
   public:
    virtual ~host() = default;
    /// Opens one that all later calls use; those before stay open.
    virtual answer open(const json::value& document) = 0;
    virtual answer call(const order& o) = 0;
    /// Begins a call and does not wait; `wait` gives its answer.
    virtual void start(const std::string& name, const order& o) = 0;
    virtual void cancel(const std::string& name) = 0;
    virtual answer wait(const std::string& name) = 0;
};

using make_host = std::function<std::unique_ptr<host>(planned_handlers&)>;

/// The program: usage [--case NAME] [-v]; gives its exit status.
int run_suite(int argc, char** argv, std::string_view language, const make_host& make);

}  // namespace conclave::conformance
