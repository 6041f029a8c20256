// A caller that looks on while its send is made, and knows what a stream may show.
#pragma once

#include <conclave/reply.hpp>
#include <conclave/stream.hpp>

#include "runtime/stream_reader.hpp"

#include <memory>
#include <string>

namespace conclave::simulation {

class onlooker : public std::enable_shared_from_this<onlooker> {
   public:
    explicit onlooker(request_id request);

    const std::shared_ptr<runtime::stream_reader>& reader() const { return reader_; }

    /// Takes all that is there, and what comes as it comes.
    void pull();
    /// The caller was answered: what was shown must come to the same. Throws finding.
    void end(const result<reply>& outcome);

   private:
    void see(const stream_event& e);

    std::shared_ptr<runtime::stream_reader> reader_;
    std::string text_;
    bool started_ = false;
    bool pulls_ = false;
    bool over_ = false;
};

}  // namespace conclave::simulation
