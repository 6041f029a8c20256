// Routes requests.
#include "endpoints.hpp"

#include <nlohmann/json.hpp>

namespace simulator {
namespace {

using nlohmann::json;

constexpr std::string_view models_document =
    R"({"object":"list","data":[{"id":"simulated-1","object":"model","created":1700000000,)"
    R"("owned_by":"vendor_simulator"}]})";

std::string error_document(std::string_view code, std::string_view message) {
    return json{{"error", {{"code", code}, {"message", message}}}}.dump(
        -1, ' ', false, json::error_handler_t::replace);
}

void print_document(const http_request& request, int status, std::string_view body,
                    http_reply& reply) {
    print_reply({.status = status, .body = body, .keep_alive = request.keep_alive}, reply);
}

}  // namespace

bool endpoints::drops_unread(const http_request& head) const {
    const auto* shape = find_dialect(head.path());
    return shape != nullptr && head.method == "POST" && vendors_.drops_unread(*shape);
}

void endpoints::answer(const http_request& request, http_reply& reply) const {
    const auto path = request.path();
    const auto* shape = find_dialect(path);
    const bool is_post = shape != nullptr || path == "/_control" || path == "/_reset";
    const bool is_get = path == "/v1/models" || path == "/openai/v1/models" ||
                        path == "/_journal" || path == "/_health";
    if (!is_post && !is_get) {
        print_document(request, 404, error_document("not_found", path), reply);
    } else if (request.method != (is_post ? "POST" : "GET")) {
        print_reply({.status = 405,
                     .body = error_document("method_not_allowed", request.method),
                     .header_lines = is_post ? "allow: POST\r\n" : "allow: GET\r\n",
                     .keep_alive = request.keep_alive},
                    reply);
    } else if (shape != nullptr) {
        vendors_.answer(request, *shape, reply);
    } else if (path == "/_control") {
        answer_control(request, reply);
    } else if (path == "/_reset") {
        vendors_.reset();
        print_document(request, 200, "{}", reply);
    } else if (path == "/_journal") {
        const bool count = request.query() == "count=1";
        print_document(request, 200, count ? vendors_.counts() : vendors_.journal_text(), reply);
    } else {
        print_document(request, 200, path == "/_health" ? vendors_.health() : models_document,
                       reply);
    }
}

void endpoints::answer_control(const http_request& request, http_reply& reply) const {
    control document;
    if (const auto error = parse_control(request.body, document)) {
        const auto body = json{{"error",
                                {{"code", "bad_control"},
                                 {"field", error->field},
                                 {"message", error->field + " " + error->message}}}};
        print_document(request, 400, body.dump(), reply);
        return;
    }
    vendors_.apply(document);
    print_document(request, 200, "{}", reply);
}

void endpoints::refuse(int status, std::string_view message, http_reply& reply) {
    print_reply(
        {.status = status, .body = error_document("bad_request", message), .keep_alive = false},
        reply);
}

}  // namespace simulator
