// A tap between a back end's end of a connection and somebody who reads as rtspsrc does.
#pragma once

#include "app/backend/tap/tap.hpp"
#include "plugins/support/element.hpp"
#include "plugins/support/file_descriptor.hpp"
#include "tests/unit/backend/tap/payloader.hpp"
#include "tests/unit/backend/tap/wire.hpp"

#include <gtest/gtest.h>

#include <sys/socket.h>

#include <memory>
#include <span>

namespace rtspproxy::backend::tests {

class TapTest : public ::testing::Test {
  protected:
    TapTest() {
        int ends[2];
        EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
        camera_ = FileDescriptor(ends[0]);
        socket_ = Ref<GSocket>::adopt(g_socket_new_from_fd(ends[1], nullptr));
        g_socket_set_timeout(socket_.get(), 5);
        tap_ = Tap::create(socket_.get());
        ledger_->open = true;
    }
    void claim() { Tap::claim_newest(ledger_); }
    void send(const Bytes& bytes) {
        ASSERT_EQ(::send(camera_.get(), bytes.data(), bytes.size(), 0),
                  static_cast<ssize_t>(bytes.size()));
    }
    // What rtspsrc reads until nothing is left.
    Bytes read_all(std::size_t at_once = 1000) {
        Bytes all;
        Bytes part(at_once);
        for (gssize got = read(part); got > 0; got = read(part))
            all.insert(all.end(), part.begin(), part.begin() + got);
        return all;
    }
    gssize read(std::span<std::uint8_t> out, bool blocking = false) {
        GError* error = nullptr;
        const gssize got = tap_->read(out, blocking, cancellable_.get(), &error);
        error_ = error != nullptr ? error->code : -1;
        g_clear_error(&error);
        return got;
    }
    void attach(Payloader& payloader) {
        attach_what_is_in_hand(ledger_, payloader, monotonic_now());
    }
    // rtspsrc gets a packet, and the track's way is known by it.
    void establish(std::uint8_t channel, std::uint16_t sequence, Payloader& payloader) {
        const Bytes bytes = frame(channel, rtp_packet({.sequence = sequence}));
        send(bytes);
        Bytes got(bytes.size());
        ASSERT_EQ(read(got), static_cast<gssize>(got.size()));
        attach(payloader);
    }

    FileDescriptor camera_;
    Ref<GSocket> socket_;
    Ref<GCancellable> cancellable_ = Ref<GCancellable>::adopt(g_cancellable_new());
    std::shared_ptr<Ledger> ledger_ = std::make_shared<Ledger>();
    std::shared_ptr<Tap> tap_;
    Payloader video_, audio_;
    int error_ = -1;
};

inline const Bytes kResponse = text("RTSP/1.0 200 OK\r\nCSeq: 3\r\nContent-Length: 4\r\n\r\n$$$$");

} // namespace rtspproxy::backend::tests
