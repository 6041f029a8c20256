// The connections that read.
#pragma once

#include "store/sqlite/connection.hpp"
#include "store/store.hpp"

#include <condition_variable>
#include <memory>
#include <mutex>
#include <vector>

namespace conclave::store::sqlite {

/// Answers `q` on `c` within one read transaction. An error of the kind that spoils the connection
/// leaves it spoilt: `fit` tells.
result<query_answer> answer_on(connection& c, const query& q, bool& fit);

/// Opens connections as they are needed, up to a number. Thread-safe.
class reader_pool {
   public:
    reader_pool(connection_options options, int size) : options_(std::move(options)), size_(size) {}

    /// Waits for a free connection if all are busy.
    result<query_answer> answer(const query& q);

   private:
    std::unique_ptr<connection> take();
    void give_back(std::unique_ptr<connection> c);

    const connection_options options_;
    const int size_;
    std::mutex mutex_;
    std::condition_variable freed_;
    std::vector<std::unique_ptr<connection>> idle_;
    int taken_ = 0;
};

}  // namespace conclave::store::sqlite
