// A text that must not leak.
#pragma once

#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

namespace conclave {

/// Holds an API key or the like. It cannot be printed, streamed, converted or compared by accident,
/// and its memory is overwritten when it goes.
class secret {
   public:
    secret() = default;
    /// Takes the text and overwrites what it was held in.
    explicit secret(std::string text);
    secret(const secret&) = default;
    secret(secret&&) noexcept = default;
    secret& operator=(const secret& other);
    secret& operator=(secret&& other) noexcept;
    ~secret();

    bool empty() const noexcept { return bytes_.empty(); }
    /// The text itself, for the one place that needs it; valid while this lives unchanged.
    std::string_view reveal() const noexcept { return {bytes_.data(), bytes_.size()}; }

    bool operator==(const secret&) const = delete;
    friend std::ostream& operator<<(std::ostream&, const secret&) = delete;

   private:
    // Not a string: a short one lives inside the object and stays behind when moved from.
    std::vector<char> bytes_;
};

}  // namespace conclave
