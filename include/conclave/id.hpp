// Identifiers: distinct types, one text form each.
#pragma once

#include <compare>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>

namespace conclave {

/// The text of an identifier such as `ses_01jd...`: prefix, then 26 characters of lower-case
/// Crockford base32 (48 bits of milliseconds, 80 random bits), so that ids sort by creation time.
/// Ids of different nouns do not convert into one another. Any text may be held: an id that was
/// never given out simply is not found. Since 0.1.
template <class Tag>
class id {
   public:
    id() = default;
    id(std::string text) : text_(std::move(text)) {}
    id(std::string_view text) : text_(text) {}
    id(const char* text) : text_(text) {}

    const std::string& str() const noexcept { return text_; }
    bool empty() const noexcept { return text_.empty(); }

    auto operator<=>(const id&) const = default;
    friend std::ostream& operator<<(std::ostream& out, const id& i) { return out << i.text_; }

   private:
    std::string text_;
};

using tenant_id = id<struct tenant_tag>;    ///< `tnt_...`
using api_key_id = id<struct api_key_tag>;  ///< `key_...`
using agent_id = id<struct agent_tag>;      ///< `agt_...`
using session_id = id<struct session_tag>;  ///< `ses_...`
using message_id = id<struct message_tag>;  ///< `msg_...`
using request_id = id<struct request_tag>;  ///< `req_...`
using usage_id = id<struct usage_tag>;      ///< `use_...`
using price_id = id<struct price_tag>;      ///< `prc_...`
using send_id = id<struct send_tag>;        ///< `snd_...`: one logical send, all its attempts

}  // namespace conclave
