// DatagramSender on real sockets.
#include "plugins/fanout/datagram_sender.hpp"

#include "tests/support/udp_receiver.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <linux/udp.h>

#include <algorithm>
#include <string>

namespace rtspproxy::fanout::tests {
namespace {

using Sizes = std::vector<std::size_t>;

class Receiver : public rtspproxy::tests::UdpReceiver {
  public:
    using UdpReceiver::UdpReceiver;
    [[nodiscard]] SocketAddress address() const {
        return *SocketAddress::resolve(host().c_str(), port());
    }
};

class DatagramSenderTest : public ::testing::TestWithParam<const char*> {
  protected:
    void fill(const Sizes& sizes) {
        batch_.clear();
        expected_.clear();
        for (std::size_t i = 0; i < sizes.size(); ++i) {
            std::vector<std::uint8_t> packet(sizes[i], static_cast<std::uint8_t>(i));
            std::ranges::copy(packet, batch_.append(packet.size()).begin());
            expected_.push_back(std::move(packet));
        }
    }
    DatagramSender::Report send(bool segment = true) {
        return sender_.send(socket_, batch_, segment);
    }
    static bool is_v6() { return std::string(GetParam()) == "::1"; }
    static void set_option(const Receiver& of, int level, int name, int value) {
        ASSERT_TRUE(g_socket_set_option(of.socket().get(), level, name, value, nullptr));
    }

    Receiver own_{GetParam()};
    DatagramSocket socket_{own_.socket()};
    std::atomic<bool> interrupted_{false};
    DatagramSender sender_{interrupted_};
    PacketBatch batch_;
    std::vector<std::vector<std::uint8_t>> expected_;
};

INSTANTIATE_TEST_SUITE_P(Families, DatagramSenderTest, ::testing::Values("127.0.0.1", "::1"),
                         [](const auto& one) {
                             return std::string(one.index == 0 ? "Ipv4" : "Ipv6");
                         });

TEST_P(DatagramSenderTest, SendsEachPacketToEachTarget) {
    Receiver first(GetParam());
    Receiver second(GetParam());
    sender_.set_targets({first.address(), second.address()});
    fill({20, 10, 1400, 1400, 1400, 300, 5000, 1});
    const auto report = send();
    EXPECT_EQ(first.take(), expected_);
    EXPECT_EQ(second.take(), expected_);
    EXPECT_EQ(report.packets, 16U);
    EXPECT_EQ(report.bytes, 2 * batch_.bytes().size());
    EXPECT_EQ(report.dropped, 0U);
    EXPECT_EQ(report.messages, 4U) << "20 and 10; 1400 to 300";
}

TEST_P(DatagramSenderTest, SendsThousands) {
    Receiver receiver(GetParam());
    sender_.set_targets(std::vector<SocketAddress>(2500, receiver.address())); // more than 1024
    fill({8});
    EXPECT_EQ(send().packets, 2500U);
    EXPECT_FALSE(receiver.take().empty());
}

TEST_P(DatagramSenderTest, SendsOneByOneIfToldTo) {
    Receiver receiver(GetParam());
    sender_.set_targets({receiver.address()});
    fill({100, 100, 100});
    EXPECT_EQ(send(false).messages, 0U);
    EXPECT_EQ(receiver.take(), expected_);
}

TEST_P(DatagramSenderTest, AfterARefusalNothingIsLost) {
    Receiver first(GetParam());
    Receiver second(GetParam());
    sender_.set_targets({first.address(), second.address()});
    fill({20, 10, 1400, 1400, 1400, 300});
    // Without checksums the kernel does no segmentation.
    if (is_v6()) {
        set_option(own_, IPPROTO_UDP, UDP_NO_CHECK6_TX, 1);
        set_option(first, IPPROTO_UDP, UDP_NO_CHECK6_RX, 1);
        set_option(second, IPPROTO_UDP, UDP_NO_CHECK6_RX, 1);
    } else {
        set_option(own_, SOL_SOCKET, SO_NO_CHECK, 1);
    }
    const auto report = send();
    EXPECT_EQ(report.packets, 12U);
    EXPECT_EQ(report.dropped, 0U);
    EXPECT_EQ(report.messages, 0U);
    EXPECT_EQ(socket_.max_segment(), 0U) << "and it is not tried again";
    EXPECT_EQ(first.take(), expected_);
    EXPECT_EQ(second.take(), expected_);
}

TEST_P(DatagramSenderTest, SegmentsThatTheWayIsTooNarrowForAreSentAlone) {
    if (!is_v6())
        GTEST_SKIP() << "only IPv6 lets a socket have its own MTU";
    Receiver first(GetParam());
    Receiver second(GetParam());
    sender_.set_targets({first.address(), second.address()});
    set_option(own_, IPPROTO_IPV6, IPV6_MTU, 1280);
    fill({1400, 1400, 100, 1000, 1000});
    auto report = send();
    EXPECT_EQ(first.take(), expected_) << "in fragments";
    EXPECT_EQ(second.take(), expected_);
    EXPECT_EQ(report.dropped, 0U);
    const std::size_t limit = socket_.max_segment();
    if (limit == 0)
        GTEST_SKIP() << "this kernel says EINVAL";
    EXPECT_EQ(limit, 1399U);
    EXPECT_EQ(report.messages, 1U) << "those of 1000 to the second one";
    report = send();
    EXPECT_EQ(report.messages, 2U);
    EXPECT_EQ(first.take(), expected_);
    EXPECT_EQ(second.take(), expected_);
}

TEST_P(DatagramSenderTest, DeadTargetsDoNotHarmTheOthers) {
    Receiver first(GetParam());
    Receiver last(GetParam());
    const auto dead = Receiver(GetParam()).address();
    const auto dead_too = Receiver(GetParam()).address();
    sender_.set_targets({dead, first.address(), dead_too, dead, last.address()});
    fill({1400, 1400, 300, 50});
    for (int round = 0; round < 50; ++round) {
        send();
        ASSERT_EQ(first.take(), expected_) << "round " << round;
        ASSERT_EQ(last.take(), expected_) << "round " << round;
    }
}

TEST_P(DatagramSenderTest, WhatCannotBeSentCountsAsDropped) {
    Receiver receiver(GetParam());
    sender_.set_targets({receiver.address()});
    fill({100, 100, 65530, 100}); // no datagram is that long
    const auto report = send();
    EXPECT_EQ(report.dropped, 1U);
    EXPECT_EQ(report.packets, 3U);
    EXPECT_EQ(receiver.take().size(), 3U);
    EXPECT_NE(socket_.max_segment(), 0U);
}

TEST_P(DatagramSenderTest, WithoutTargetsNothingHappens) {
    fill({100, 100});
    EXPECT_FALSE(sender_.has_targets());
    EXPECT_EQ(send().packets, 0U);
}

TEST_P(DatagramSenderTest, TargetsMayChange) {
    Receiver first(GetParam());
    Receiver second(GetParam());
    sender_.set_targets({first.address()});
    fill({100, 100});
    send();
    sender_.set_targets({second.address()});
    send();
    sender_.set_targets({});
    send();
    EXPECT_EQ(first.take().size(), 2U);
    EXPECT_EQ(second.take().size(), 2U);
}

} // namespace
} // namespace rtspproxy::fanout::tests
