// The connections that read.
#include "store/sqlite/reader_pool.hpp"

#include "store/repositories.hpp"
#include "store/sql/query.hpp"
#include "store/sqlite/failure.hpp"

#include <utility>

namespace conclave::store::sqlite {

result<query_answer> answer_on(connection& c, const query& q, bool& fit) {
    try {
        sql::run(c, "BEGIN");
        auto answer = conclave::store::answer(c, q);
        sql::run(c, "COMMIT");
        return answer;
    } catch (const sql::failure& f) {
        fit = c.roll_back() && f.kind() != sql::failure_kind::unavailable &&
              f.kind() != sql::failure_kind::corrupt;
        return error_of(f);
    } catch (const std::exception& e) {
        fit = c.roll_back();
        return fail(errc::internal_error, "A query failed: " + std::string(e.what()));
    }
}

result<query_answer> reader_pool::answer(const query& q) {
    std::unique_ptr<connection> c = take();
    bool fit = true;
    auto answer = [&]() -> result<query_answer> {
        try {
            if (!c) c = std::make_unique<connection>(options_);
        } catch (const sql::failure& f) {
            return error_of(f);
        }
        return answer_on(*c, q, fit);
    }();
    if (!fit) c.reset();
    give_back(std::move(c));
    return answer;
}

/// Null: one may be opened.
std::unique_ptr<connection> reader_pool::take() {
    std::unique_lock lock(mutex_);
    freed_.wait(lock, [&] { return taken_ < size_; });
    ++taken_;
    if (idle_.empty()) return nullptr;
    auto c = std::move(idle_.back());
    idle_.pop_back();
    return c;
}

void reader_pool::give_back(std::unique_ptr<connection> c) {
    {
        const std::lock_guard lock(mutex_);
        --taken_;
        if (c) idle_.push_back(std::move(c));
    }
    freed_.notify_one();
}

}  // namespace conclave::store::sqlite
