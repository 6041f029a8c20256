// The transactions of a call for vectors: a send without session, message and reply.
#pragma once

#include "store/sends.hpp"

#include <cstdint>
#include <vector>

namespace conclave::store {

/// Records the call, holds its worst case and releases its first attempt. Later attempts follow by
/// release_calls; fail_send ends it without an answer.
struct begin_embedding {
    tenant_scope scope;
    send_key key;  ///< nobody repeats it
    send_id send;
    conclave::request_id request;
    std::string owner;
    money hold;
    released_attempt first;
    std::int64_t price_generation = 0;  ///< as the price was chosen; moved on: `changed`
    timestamp now{};

    enum class verdict { begun, changed, tenant_missing, tenant_suspended };
    struct outcome {
        verdict what = verdict::begun;
        send_row row = send_row::none;
    };
};

/// The bill: the answer's attempt, its usage event and roll-up, the released hold. Fenced.
struct settle_embedding {
    tenant_scope scope;
    send_fence fence;
    money hold;
    std::vector<finished_attempt> finished;
    usage_line line;
    timestamp now{};

    struct outcome {
        bool fenced_off = false;
    };
};

}  // namespace conclave::store
