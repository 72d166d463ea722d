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
    Receiver last(GetParam());
    std::vector<SocketAddress> targets(2500, receiver.address()); // more than go into one call
    targets.push_back(last.address());
    sender_.set_targets(targets);
    fill({8});
    EXPECT_EQ(send().packets, 2501U);
    EXPECT_EQ(receiver.take().size(), 2500U);
    EXPECT_EQ(last.take(), expected_);
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
    EXPECT_FALSE(sender_.may_segment()) << "and it is not tried again";
    EXPECT_NE(socket_.max_segment(), 0U) << "it may do for others";
    EXPECT_EQ(first.take(), expected_);
    EXPECT_EQ(second.take(), expected_);
}

TEST_P(DatagramSenderTest, WhatIsRefusedIsRememberedOfEachTarget) {
    Receiver first(GetParam());
    Receiver second(GetParam());
    fill({1400, 1400, 300});
    const auto check_sum = [this](bool wanted) {
        if (is_v6())
            set_option(own_, IPPROTO_UDP, UDP_NO_CHECK6_TX, wanted ? 0 : 1);
        else
            set_option(own_, SOL_SOCKET, SO_NO_CHECK, wanted ? 0 : 1);
    };
    check_sum(false);
    sender_.set_targets({first.address()});
    EXPECT_EQ(send().messages, 0U);
    check_sum(true);
    sender_.set_targets({second.address(), first.address()});
    EXPECT_TRUE(sender_.may_segment());
    EXPECT_EQ(send().messages, 1U) << "to the second one only";
    EXPECT_EQ(second.take(), expected_);
    sender_.set_targets({second.address()});
    sender_.set_targets({first.address()});
    EXPECT_EQ(send().messages, 1U) << "who comes anew is asked anew";
}

// A target that nothing can be sent to from the sockets of these tests, which are on loopback.
TEST_P(DatagramSenderTest, UnreachableTargetsDoNotHarmTheOthers) {
    Receiver first(GetParam());
    Receiver last(GetParam());
    const auto nowhere = *SocketAddress::resolve(is_v6() ? "fe80::1%4711" : "198.51.100.1", 5004);
    sender_.set_targets({first.address(), nowhere, last.address()});
    fill({1400, 1400, 300, 1400, 1400, 1400, 20, 10});
    for (int round = 0; round < 5; ++round) {
        const auto report = send();
        EXPECT_EQ(first.take(), expected_);
        EXPECT_EQ(last.take(), expected_);
        EXPECT_EQ(report.packets, 16U);
        EXPECT_EQ(report.dropped, 8U);
        EXPECT_EQ(report.messages, 4U) << "the others' still hold many";
        ASSERT_EQ(sender_.losses().size(), 1U);
        EXPECT_EQ(sender_.losses()[0].target, 1U);
        EXPECT_EQ(sender_.losses()[0].packets, 8U);
        EXPECT_EQ(sender_.losses()[0].bytes, batch_.bytes().size());
    }
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

TEST_P(DatagramSenderTest, NorDoNewsOfThemThatTheSocketIsTold) {
    Receiver first(GetParam());
    Receiver last(GetParam());
    const auto dead = Receiver(GetParam()).address();
    if (is_v6())
        set_option(own_, IPPROTO_IPV6, IPV6_RECVERR, 1);
    else
        set_option(own_, IPPROTO_IP, IP_RECVERR, 1);
    sender_.set_targets({dead, first.address(), dead, dead, last.address()});
    fill({1400, 1400, 300, 50, 60});
    for (int round = 0; round < 50; ++round) {
        const auto report = send();
        ASSERT_EQ(first.take(), expected_) << "round " << round;
        ASSERT_EQ(last.take(), expected_) << "round " << round;
        EXPECT_EQ(report.packets + report.dropped, 25U);
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

// An IPv6 socket, bound to no address, which reaches IPv4 targets, too.
class TwoFamiliesTest : public ::testing::Test {
  protected:
    TwoFamiliesTest() {
        const auto any = Ref<GSocketAddress>::adopt(g_inet_socket_address_new_from_string("::", 0));
        g_socket_bind(own_.get(), any.get(), TRUE, nullptr);
    }
    [[nodiscard]] SocketAddress mapped() const {
        return *SocketAddress::resolve("::ffff:127.0.0.1", v4_.port());
    }

    Ref<GSocket> own_ = Ref<GSocket>::adopt(
        g_socket_new(G_SOCKET_FAMILY_IPV6, G_SOCKET_TYPE_DATAGRAM, G_SOCKET_PROTOCOL_UDP, nullptr));
    DatagramSocket socket_{own_};
    Receiver v4_{"127.0.0.1"};
    Receiver v6_{"::1"};
    std::atomic<bool> interrupted_{false};
    DatagramSender sender_{interrupted_};
    PacketBatch batch_;
};

// Only IPv6 lets a socket have its own MTU: the other way is as wide as before.
TEST_F(TwoFamiliesTest, AWayThatIsTooNarrowIsNobodyElses) {
    ASSERT_TRUE(g_socket_set_option(own_.get(), IPPROTO_IPV6, IPV6_MTU, 1280, nullptr));
    sender_.set_targets({v6_.address(), mapped(), v6_.address()});
    std::vector<std::vector<std::uint8_t>> expected;
    for (const std::size_t size : {1400, 1400, 100, 1000, 1000}) {
        expected.emplace_back(size, static_cast<std::uint8_t>(expected.size()));
        std::ranges::copy(expected.back(), batch_.append(size).begin());
    }
    auto twice = expected;
    twice.insert(twice.end(), expected.begin(), expected.end());
    for (int round = 0; round < 3; ++round) {
        const auto report = sender_.send(socket_, batch_, true);
        EXPECT_EQ(v6_.take(), twice) << "in fragments";
        EXPECT_EQ(v4_.take(), expected);
        EXPECT_EQ(report.dropped, 0U);
        EXPECT_EQ(report.messages, 2U) << "those to the IPv4 target";
    }
    EXPECT_TRUE(sender_.may_segment());
}

} // namespace
} // namespace rtspproxy::fanout::tests
