// Connection: one RTSP client of a bench server. Media is sent at once; only what the socket does
// not take is kept, whole access units behind it, until a limit; then up to the next key frame
// nothing is.
#pragma once

#include "tests/bench/common/loop.hpp"
#include "tests/bench/common/socket.hpp"
#include "tests/bench/common/stream_reader.hpp"

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace rtspproxy::bench {

class Connection {
  public:
    struct Listener {
        virtual ~Listener() = default;
        virtual void on_request(Connection& connection, const Message& request) = 0;
        virtual void on_client_frame(std::uint8_t channel,
                                     std::span<const std::uint8_t> packet) = 0;
        // The last call: the connection is to be destroyed in it.
        virtual void on_closed(Connection& connection) = 0;
    };

    Connection(Loop& loop, ReadBuffer& buffer, Fd fd, const Address& peer, Listener& listener);
    ~Connection() { loop_.forget(fd_.get()); }
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    void send_text(std::string_view text);
    // `framed` is one or more whole interleaved frames.
    void send_media(std::span<const std::uint8_t> framed, bool key_frame);
    void reset_on_close() { set_reset_on_close(fd_.get()); }

    [[nodiscard]] int fd() const { return fd_.get(); }
    [[nodiscard]] const Address& peer() const { return peer_; }
    [[nodiscard]] Nanoseconds last_request() const { return last_request_; }
    [[nodiscard]] std::uint64_t dropped_units() const { return dropped_units_; }

    // For StreamReader.
    bool on_frame(std::uint8_t channel, std::span<const std::uint8_t> packet);
    bool on_message(const Message& message);

  private:
    void on_ready(std::uint32_t events);
    void send_or_keep(std::span<const std::uint8_t> bytes);
    void send_kept();

    Loop& loop_;
    ReadBuffer& buffer_;
    Fd fd_;
    Address peer_;
    Listener& listener_;
    StreamReader reader_;
    std::vector<std::uint8_t> kept_;
    std::size_t kept_from_ = 0; // bytes of kept_ that have been sent
    bool dropping_ = false;
    std::uint64_t dropped_units_ = 0;
    Nanoseconds last_request_ = monotonic_now();
};

} // namespace rtspproxy::bench
