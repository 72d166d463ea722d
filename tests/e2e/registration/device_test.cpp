// Devices that lend the proxy the connection that they registered on.
#include "tests/e2e/proxy.hpp"
#include "tests/e2e/registration/device.hpp"
#include "tests/support/rtsp_player.hpp"
#include "tests/support/watchdog.hpp"

#include <gtest/gtest.h>

#include <optional>

namespace rtspproxy::tests {
namespace {

class LentConnection : public WatchedTest {
  protected:
    void register_device() {
        ASSERT_TRUE(proxy_.wait_listening());
        device_.emplace(proxy_.port(), "door");
        ASSERT_TRUE(device_->wait_registered());
        ASSERT_TRUE(proxy_.wait_ready("door"));
    }
    void expect_unbroken(RtspPlayer& player) {
        ASSERT_TRUE(player.wait_packets(player.count() + 20));
        const auto difference = find_difference(device_->sent(), player.packets());
        EXPECT_FALSE(difference) << *difference;
    }
    // The device was spoken to as it asked for.
    void expect_understood() {
        EXPECT_FALSE(device_->confused());
        EXPECT_EQ(device_->wrong_logins(), 0);
        for (const auto& request : device_->requests())
            if (request.starts_with("SETUP")) {
                EXPECT_EQ(request, std::string("SETUP ") + Device::kControl);
            }
    }

    Proxy proxy_{{"--register", "--user", Device::kUser, Device::kPassword, "--idle-timeout", "0"}};
    std::optional<Device> device_;
};

TEST_F(LentConnection, IsPlayedOverTcpAndUdpAtOnce) {
    register_device();
    RtspPlayer tcp(proxy_.url("door"), PlayerTransport::Tcp);
    RtspPlayer udp(proxy_.url("door"), PlayerTransport::Udp);
    ASSERT_TRUE(tcp.play().has_value());
    expect_unbroken(tcp);
    ASSERT_TRUE(udp.play().has_value());
    expect_unbroken(udp);
    EXPECT_EQ(device_->count("PLAY"), 1);
    expect_understood();
}

TEST_F(LentConnection, IsUsedForOnePlayAfterAnother) {
    register_device();
    for (int round = 1; round <= 3; ++round) {
        SCOPED_TRACE(round);
        RtspPlayer player(proxy_.url("door"),
                          round == 2 ? PlayerTransport::Udp : PlayerTransport::Tcp);
        const auto played = player.play();
        ASSERT_TRUE(played) << played.error().message;
        expect_unbroken(player);
        EXPECT_EQ(device_->count("PLAY"), round);
        EXPECT_TRUE(player.teardown().has_value());
        EXPECT_TRUE(eventually([&] { return device_->count("TEARDOWN") == round; }));
    }
    expect_understood();
}

TEST_F(LentConnection, MayEndAndComeBackWhileSomebodyWatches) {
    register_device();
    RtspPlayer player(proxy_.url("door"), PlayerTransport::Tcp);
    ASSERT_TRUE(player.play().has_value());
    expect_unbroken(player);
    device_.reset();
    const auto before = player.count();
    register_device();
    ASSERT_TRUE(player.wait_packets(before + 20));
    EXPECT_TRUE(player.connected());
    const auto packets = player.packets();
    for (std::size_t i = 1; i < packets.size(); ++i) {
        ASSERT_EQ(packets[i].ssrc, packets[0].ssrc);
        ASSERT_EQ(packets[i].sequence, static_cast<std::uint16_t>(packets[i - 1].sequence + 1));
    }
    EXPECT_EQ(device_->count("PLAY"), 1);
    expect_understood();
}

} // namespace
} // namespace rtspproxy::tests
