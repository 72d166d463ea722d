#include "app/backend/tap/lane_udpsrc.hpp"

#include "app/backend/tap/feed.hpp"
#include "app/backend/tap/ledger.hpp"
#include "plugins/support/element.hpp"
#include "plugins/support/file_descriptor.hpp"
#include "tests/support/deadline.hpp"
#include "tests/unit/backend/tap/payloader.hpp"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <atomic>
#include <chrono>
#include <thread>
#include <utility>

namespace rtspproxy::backend::tests {
namespace {

using namespace std::chrono_literals;
using rtspproxy::tests::eventually;

// The source, as rtspsrc makes it, and a pad where rtspsrc would take in.
class LaneUdpSourceTest : public ::testing::Test {
  protected:
    LaneUdpSourceTest() { EXPECT_TRUE(install_lanes()); }
    ~LaneUdpSourceTest() override {
        if (source_)
            gst_element_set_state(source_.get(), GST_STATE_NULL);
        ledger_of_this_thread.reset();
    }
    void start(const char* caps_text, const char* uri = "udp://127.0.0.1:0") {
        source_ =
            Ref<GstElement>::sink(gst_element_make_from_uri(GST_URI_SRC, uri, nullptr, nullptr));
        ASSERT_TRUE(source_);
        const auto caps = Ref<GstCaps>::adopt(gst_caps_from_string(caps_text));
        g_object_set(source_.get(), "caps", caps.get(), nullptr);
        const auto pad = Ref<GstPad>::adopt(gst_element_get_static_pad(source_.get(), "src"));
        ASSERT_EQ(gst_pad_link_full(pad.get(), through_.pad.get(), GST_PAD_LINK_CHECK_NOTHING),
                  GST_PAD_LINK_OK);
        through_.on_packet = [this] {
            if (++count_ == 2 && establish_)
                attach_what_is_in_hand(ledger_, payloader_, monotonic_now());
        };
        gst_element_set_state(source_.get(), GST_STATE_PLAYING);
        g_object_get(source_.get(), "port", &port_, nullptr);
    }
    void send(const Bytes& bytes) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        address.sin_port = htons(static_cast<std::uint16_t>(port_));
        ASSERT_EQ(sendto(sender_.get(), bytes.data(), bytes.size(), 0,
                         reinterpret_cast<sockaddr*>(&address), sizeof address),
                  static_cast<ssize_t>(bytes.size()));
    }

    std::shared_ptr<Ledger> ledger_ = std::make_shared<Ledger>();
    void send_from(const char* host, const Bytes& bytes) {
        FileDescriptor other(socket(AF_INET, SOCK_DGRAM, 0));
        sockaddr_in address{};
        address.sin_family = AF_INET;
        ASSERT_EQ(inet_pton(AF_INET, host, &address.sin_addr), 1);
        ASSERT_EQ(bind(other.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
        std::swap(sender_, other);
        send(bytes);
        std::swap(sender_, other);
    }

    FileDescriptor sender_{socket(AF_INET, SOCK_DGRAM, 0)};
    Through through_{false};
    Payloader payloader_;
    Ref<GstElement> source_;
    gint port_ = 0;
    bool establish_ = true;
    std::atomic<unsigned> count_{0};
};

constexpr const char* kRtp = "application/x-rtp, media=video, clock-rate=90000";

TEST_F(LaneUdpSourceTest, IsWhatUdpAddressesAreMadeOf) {
    start(kRtp);
    EXPECT_STREQ(G_OBJECT_TYPE_NAME(source_.get()), "LaneUdpSource");
}

TEST_F(LaneUdpSourceTest, HandsRtpOverOnceItsWayIsKnown) {
    ledger_->open = true;
    ledger_of_this_thread = ledger_;
    start(kRtp);
    for (std::uint16_t i = 1; i <= 2; ++i)
        send(rtp_packet({.sequence = i}));
    ASSERT_TRUE(eventually([&] { return count_ == 2; }));
    for (std::uint16_t i = 3; i <= 20; ++i)
        send(rtp_packet({.sequence = i}));
    // Stopped, so that the other thread is done with what is looked at.
    std::this_thread::sleep_for(300ms);
    gst_element_set_state(source_.get(), GST_STATE_READY);
    EXPECT_EQ(payloader_.packets.size(), 18U);
    EXPECT_LE(count_, 3U); // and a sample
}

TEST_F(LaneUdpSourceTest, PassesOnWhatNoRtspsrcOfOursMadeIt) {
    start(kRtp);
    for (std::uint16_t i = 1; i <= 20; ++i)
        send(rtp_packet({.sequence = i}));
    EXPECT_TRUE(eventually([&] { return count_ == 20; }));
}

TEST_F(LaneUdpSourceTest, PassesRtcpOn) {
    ledger_->open = true;
    ledger_of_this_thread = ledger_;
    establish_ = false;
    start("application/x-rtcp");
    const Bytes report{0x80, 200, 0, 1, 0, 0, 0, 0};
    for (int i = 0; i < 5; ++i)
        send(report);
    EXPECT_TRUE(eventually([&] { return count_ == 5; }));
}

TEST_F(LaneUdpSourceTest, RefusesWhatOthersSend) {
    ledger_->open = true;
    *ledger_->peer.lock() = HostAddress::parse("127.0.0.1");
    ledger_of_this_thread = ledger_;
    start(kRtp);
    send_from("127.0.0.9", rtp_packet({.sequence = 900, .ssrc = 0x6666}));
    for (std::uint16_t i = 1; i <= 2; ++i)
        send(rtp_packet({.sequence = i}));
    ASSERT_TRUE(eventually([&] { return count_ == 2; }));
    send_from("127.0.0.9", rtp_packet({.sequence = 3}));
    send_from("127.0.0.1", rtp_packet({.sequence = 3})); // from another port
    send(rtp_packet({.sequence = 3}));
    ASSERT_TRUE(eventually([&] { return ledger_->refused == 3; }));
    std::this_thread::sleep_for(300ms);
    gst_element_set_state(source_.get(), GST_STATE_READY);
    EXPECT_EQ(payloader_.packets.size(), 1U);
    EXPECT_EQ(ledger_->dropped, 0U);
}

TEST_F(LaneUdpSourceTest, RefusesReportsOfOthersToo) {
    *ledger_->peer.lock() = HostAddress::parse("127.0.0.1");
    ledger_of_this_thread = ledger_;
    establish_ = false;
    start("application/x-rtcp");
    const Bytes report{0x80, 200, 0, 1, 0, 0, 0, 0};
    send_from("127.0.0.9", report);
    send(report);
    ASSERT_TRUE(eventually([&] { return count_ == 1; }));
    EXPECT_EQ(ledger_->refused, 1U);
}

TEST_F(LaneUdpSourceTest, StopsAtOnceAndStartsAgain) {
    ledger_->open = true;
    ledger_of_this_thread = ledger_;
    start(kRtp);
    for (int round = 0; round < 3; ++round) {
        std::this_thread::sleep_for(50ms);
        const auto begin = std::chrono::steady_clock::now();
        gst_element_set_state(source_.get(), GST_STATE_PAUSED);
        gst_element_set_state(source_.get(), GST_STATE_READY);
        EXPECT_LT(std::chrono::steady_clock::now() - begin, 1s);
        gst_element_set_state(source_.get(), GST_STATE_PLAYING);
        send(rtp_packet({.sequence = static_cast<std::uint16_t>(round)}));
    }
    EXPECT_TRUE(eventually([&] { return count_ >= 1; }));
}

} // namespace
} // namespace rtspproxy::backend::tests
