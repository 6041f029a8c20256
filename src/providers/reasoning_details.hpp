// The blocks of thinking that routers give beside an answer, put together from their fragments.
#pragma once

#include "json/document.hpp"
#include "json/value.hpp"

#include <string>
#include <vector>

namespace conclave::providers {

/// A block that a stream cuts comes back whole: who is handed fragments finds that the signature
/// does not fit. A fragment continues the block before it if it is of the same type and number and
/// if that block is neither signed nor sealed: numbers alone do not tell, since some streams give
/// all blocks the same.
class reasoning_details {
   public:
    /// Of a whole answer.
    void add_blocks(const json::elements& blocks);
    /// Of one event of a stream.
    void add_fragments(const json::elements& fragments);
    bool empty() const { return blocks_.empty(); }
    /// A JSON list.
    std::string print() const;

   private:
    struct block {
        json::value first;  ///< with what else later fragments told
        std::string more;   ///< text of those
    };

    static bool continues(const block& b, const json::value& fragment);
    static void join(block& b, const json::value& fragment);

    std::vector<block> blocks_;
};

}  // namespace conclave::providers
