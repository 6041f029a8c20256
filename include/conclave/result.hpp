// A value or an error; what every call that can fail returns.
#pragma once

#include <conclave/error.hpp>

#include <concepts>
#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

namespace conclave {

/// Either a T or an error. Cheap to move. Test with `if (r)`; read the value with `*r`, `r->` or
/// `value()`, which throws conclave::exception when there is none. Since 0.1.
template <class T>
class [[nodiscard]] result {
   public:
    using value_type = T;

    result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
    result(conclave::error e) : state_(std::in_place_index<1>, std::move(e)) {}
    /// From what converts to T by itself.
    template <class U>
        requires(std::convertible_to<U, T> && !std::same_as<U, T> &&
                 !std::same_as<U, conclave::error>)
    result(U value) : state_(std::in_place_index<0>, T(std::move(value))) {}
    template <class U>
        requires(std::convertible_to<U, T> && !std::same_as<U, T>)
    result(result<U> other)
        : state_(
              other ? std::variant<T, conclave::error>(std::in_place_index<0>, T(*std::move(other)))
                    : std::variant<T, conclave::error>(std::in_place_index<1>,
                                                       std::move(other).error())) {}

    bool has_value() const noexcept { return state_.index() == 0; }
    explicit operator bool() const noexcept { return has_value(); }

    /// The value. Throws conclave::exception when this holds an error.
    T& value() & { return require(), std::get<0>(state_); }
    const T& value() const& { return require(), std::get<0>(state_); }
    /// Of a temporary the value itself, so that `for (auto& x : list().value().items)` is sound.
    T value() && { return require(), std::get<0>(std::move(state_)); }

    /// The value, unchecked: only after a test.
    T& operator*() & noexcept { return *std::get_if<0>(&state_); }
    const T& operator*() const& noexcept { return *std::get_if<0>(&state_); }
    T&& operator*() && noexcept { return std::move(*std::get_if<0>(&state_)); }
    T* operator->() noexcept { return std::get_if<0>(&state_); }
    const T* operator->() const noexcept { return std::get_if<0>(&state_); }

    /// The error, unchecked: only when there is no value.
    conclave::error& error() & noexcept { return *std::get_if<1>(&state_); }
    const conclave::error& error() const& noexcept { return *std::get_if<1>(&state_); }
    conclave::error&& error() && noexcept { return std::move(*std::get_if<1>(&state_)); }

   private:
    void require() const {
        if (!has_value()) throw exception(*std::get_if<1>(&state_));
    }

    std::variant<T, conclave::error> state_;
};

/// Success without a value, or an error.
template <>
class [[nodiscard]] result<void> {
   public:
    using value_type = void;

    result() = default;
    result(conclave::error e) : error_(std::move(e)) {}

    bool has_value() const noexcept { return !error_; }
    explicit operator bool() const noexcept { return has_value(); }
    void value() const {
        if (error_) throw exception(*error_);
    }
    conclave::error& error() & noexcept { return *error_; }
    const conclave::error& error() const& noexcept { return *error_; }
    conclave::error&& error() && noexcept { return std::move(*error_); }

   private:
    std::optional<conclave::error> error_;
};

}  // namespace conclave
