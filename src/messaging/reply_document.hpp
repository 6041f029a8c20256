// The reply as the contract's JSON document, and back.
#pragma once

#include <conclave/reply.hpp>

#include <string>
#include <string_view>

namespace conclave::messaging {

/// The `usage` member of the metadata.
std::string print_usage(const reply_usage& u);

/// The `metadata` member with `replayed` false: what T2 stores.
std::string print_metadata(const reply_metadata& m);

/// A reply from what T2 stored. `document` is the stored text around the message; only `replayed`
/// differs between the first answer and later ones.
reply restore_reply(const message& m, std::string_view stored_metadata, bool replayed);

/// The same when the metadata is at hand: nothing is parsed.
reply make_reply(message m, reply_metadata metadata, std::string_view printed_metadata);

/// The reply as everybody but its first receiver sees it.
reply as_replayed(const reply& first);

}  // namespace conclave::messaging
