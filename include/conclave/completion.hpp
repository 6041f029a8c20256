// The callable that receives the outcome of an asynchronous call, exactly once.
#pragma once

#include <memory>
#include <type_traits>
#include <utility>

namespace conclave {

/// Says of a callable that it takes a few microseconds, waits for nothing and calls nothing of the
/// library that blocks, which would stop every send of the process: it may run on the thread that
/// carries them, without a change of threads. Since 0.1.
struct prompt_tag {};
inline constexpr prompt_tag prompt{};

/// Move-only owner of a callable `void(T)`. Each start_* call takes one and invokes it exactly
/// once, never inside the starting call. An exception that leaves it ends the program
/// (std::terminate). Not thread-safe itself. Since 0.1.
template <class T>
class completion {
   public:
    completion() = default;

    template <class F>
        requires(!std::is_same_v<std::decay_t<F>, completion> && std::is_invocable_v<F&, T>)
    completion(F f) : callable_(std::make_unique<holder<F>>(std::move(f))) {}

    template <class F>
        requires std::is_invocable_v<F&, T> completion(prompt_tag, F f) : completion(std::move(f)) {
            prompt_ = true;
        }

        explicit operator bool() const noexcept { return static_cast<bool>(callable_); }

        bool is_prompt() const noexcept { return prompt_; }

        /// Invokes and releases the callable; a second call does nothing.
        void operator()(T value) {
            if (auto callable = std::move(callable_)) callable->call(std::move(value));
        }

       private:
        struct base {
            virtual ~base() = default;
            virtual void call(T&& value) = 0;
        };
        template <class F>
        struct holder final : base {
            explicit holder(F f) : callable(std::move(f)) {}
            void call(T&& value) override { callable(std::move(value)); }
            F callable;
        };

        std::unique_ptr<base> callable_;
        bool prompt_ = false;
};

/// A piece of work without an argument.
template <>
class completion<void> {
   public:
    completion() = default;

    template <class F>
        requires(!std::is_same_v<std::decay_t<F>, completion> && std::is_invocable_v<F&>)
    completion(F f) : callable_(std::make_unique<holder<F>>(std::move(f))) {}

    explicit operator bool() const noexcept { return static_cast<bool>(callable_); }

    void operator()() {
        if (auto callable = std::move(callable_)) callable->call();
    }

   private:
    struct base {
        virtual ~base() = default;
        virtual void call() = 0;
    };
    template <class F>
    struct holder final : base {
        explicit holder(F f) : callable(std::move(f)) {}
        void call() override { callable(); }
        F callable;
    };

    std::unique_ptr<base> callable_;
};

}  // namespace conclave
