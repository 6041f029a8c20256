// What a stream says of a socket that is not as it should be.
#include "net/byte_stream.hpp"

#include <asio/io_context.hpp>
#include <catch2/catch.hpp>

#include <array>
#include <memory>
#include <string>

using namespace conclave::net;
using asio::ip::tcp;
using state = byte_stream::state;

namespace {

/// Both ends of one loopback connection; ours does not wait.
struct connected {
    connected() {
        tcp::acceptor acceptor(io, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
        tcp::socket ours(io);
        ours.connect(acceptor.local_endpoint());
        ours.native_non_blocking(true);
        theirs = acceptor.accept();
        stream = std::make_unique<byte_stream>(std::move(ours));
    }

    asio::io_context io;
    tcp::socket theirs{io};
    std::unique_ptr<byte_stream> stream;
    std::array<char, 16> buffer{};
};

}  // namespace

TEST_CASE("a stream counts what left and says what to wait for") {
    connected c;
    CHECK(c.stream->read(c.buffer.data(), c.buffer.size()).now == state::want_read);
    CHECK(c.stream->bytes_sent() == 0);
    CHECK(c.stream->write("four").bytes == 4);
    CHECK(c.stream->bytes_sent() == 4);
    const std::string piece(1024 * 1024, 'x');
    auto done = c.stream->write(piece);
    for (int i = 0; i < 1'000 && done.now == state::ok; ++i) done = c.stream->write(piece);
    CHECK(done.now == state::want_write);
    CHECK(done.bytes == 0);
}

TEST_CASE("an orderly close is told from a reset") {
    connected c;
    SECTION("close") {
        c.theirs.close();
        CHECK(c.stream->read(c.buffer.data(), c.buffer.size()).now == state::closed);
    }
    SECTION("reset") {
        c.theirs.set_option(asio::socket_base::linger(true, 0));
        c.theirs.close();
        CHECK(c.stream->read(c.buffer.data(), c.buffer.size()).now == state::failed);
    }
}

TEST_CASE("writing where nobody reads any more fails without a signal") {
    connected c;
    c.stream->socket().shutdown(tcp::socket::shutdown_send);
    CHECK(c.stream->write("x").now == state::failed);
    CHECK(c.stream->bytes_sent() == 0);
}
