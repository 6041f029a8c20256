// Making and throwing errors.
#include <conclave/error.hpp>

namespace conclave {

error invalid(std::string_view field, std::string_view problem) {
    std::string message;
    message.reserve(field.size() + 1 + problem.size());
    message.append(field).append(1, ' ').append(problem);
    return fail(errc::validation_error, std::move(message)).with("field", std::string(field));
}

exception::exception(conclave::error e)
    : std::runtime_error(std::string(to_string(e.code)) + ": " + e.message), error_(std::move(e)) {}

}  // namespace conclave
