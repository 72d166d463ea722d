// Payload types, SSRCs and senders, as cameras and strangers send them: viewers get one unbroken
// stream of what the camera means.
#include "tests/e2e/proxy.hpp"
#include "tests/support/packet_camera.hpp"
#include "tests/support/rtsp_player.hpp"
#include "tests/support/watchdog.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <optional>
#include <set>

namespace rtspproxy::tests {
namespace {

enum class Ingest { Tcp, Udp };

class Sources : public WatchedTest, public testing::WithParamInterface<Ingest> {
  protected:
    // What the camera sends every 10 ms.
    void start(std::function<void(PacketCamera::Sender&, unsigned)> on_step,
               const std::string& source = "", const std::string& media = kPacketVideo) {
        camera_.emplace(PacketCamera::Script{media, std::move(on_step), source});
        std::vector<std::string> arguments;
        if (GetParam() == Ingest::Tcp)
            arguments.emplace_back("-t");
        arguments.push_back(camera_->url());
        proxy_.emplace(arguments);
        ASSERT_TRUE(proxy_->wait_ready()) << proxy_->report();
        player_.emplace(proxy_->url());
        const auto playing = player_->play();
        ASSERT_TRUE(playing) << playing.error().message << proxy_->report();
    }
    void send_picture(PacketCamera::Sender& sender) {
        sender.rtp(0, video_.packet(picture_payload(number_, number_ % 25 == 0), true));
        video_.timestamp += 900;
        ++number_;
    }
    void send_sound(PacketCamera::Sender& sender) {
        sender.rtp(1, audio_.packet(PacketBytes(80, audio_.payload_type)));
        audio_.timestamp += 80;
    }
    // No gap, one SSRC, one connection to the camera.
    void expect_unbroken(const std::vector<RtpRecord>& packets) {
        for (std::size_t i = 1; i < packets.size(); ++i) {
            ASSERT_EQ(packets[i].sequence, static_cast<std::uint16_t>(packets[i - 1].sequence + 1));
            ASSERT_EQ(packets[i].ssrc, packets[0].ssrc);
        }
        EXPECT_EQ(camera_->plays(), 1U) << proxy_->report();
    }
    nlohmann::json counters() {
        const std::size_t before = split_lines(proxy_->process().err()).size();
        proxy_->process().send_signal(SIGUSR1);
        nlohmann::json found;
        EXPECT_TRUE(eventually([&] {
            const auto lines = split_lines(proxy_->process().err());
            for (std::size_t i = before; i < lines.size(); ++i)
                if (lines[i].starts_with("{\"mount\"") && lines[i].ends_with('}'))
                    found = nlohmann::json::parse(lines[i]);
            return !found.is_null();
        }));
        return found;
    }
    static std::size_t count_type(const std::vector<RtpRecord>& packets, std::uint8_t type) {
        return static_cast<std::size_t>(
            std::ranges::count(packets, type, &RtpRecord::payload_type));
    }

    // Of the camera's thread.
    PacketStream video_;
    PacketStream audio_{8, 0x2222, 1, 0};
    unsigned number_ = 0;
    Fd stranger_;

    std::atomic<bool> silent_{false};
    std::optional<PacketCamera> camera_;
    std::optional<Proxy> proxy_;
    std::optional<RtspPlayer> player_;
};

// One that the SDP does not name, with timestamps of its own.
TEST_P(Sources, AnotherPayloadTypeDisturbsNothing) {
    start([this](PacketCamera::Sender& sender, unsigned step) {
        send_picture(sender);
        if (step % 20 != 7)
            return;
        PacketStream other = video_;
        other.payload_type = 50;
        other.timestamp = step;
        sender.rtp(0, other.packet(PacketBytes(30, 'p')));
        video_.sequence = other.sequence;
    });
    ASSERT_TRUE(player_->wait_packets(200));
    const auto packets = player_->packets();
    expect_unbroken(packets);
    EXPECT_GE(count_type(packets, 50), 5U);
    std::uint32_t last = 0;
    for (const auto& packet : packets) {
        if (packet.payload_type != 96)
            continue;
        if (last != 0) {
            ASSERT_EQ(packet.timestamp - last, 900U) << "pictures keep their time";
        }
        last = packet.timestamp;
    }
}

TEST_P(Sources, AnotherPayloadTypeOfTheTrackKeepsItsNumber) {
    start(
        [this](PacketCamera::Sender& sender, unsigned step) {
            send_picture(sender);
            audio_.payload_type = step < 50 ? 8 : 0;
            send_sound(sender);
        },
        "", std::string(kPacketVideo) + kPacketAudio);
    ASSERT_TRUE(player_->wait_packets(150, 1));
    const auto packets = player_->packets(1);
    expect_unbroken(packets);
    EXPECT_GE(count_type(packets, 8), 20U);
    EXPECT_EQ(count_type(packets, 8) + count_type(packets, 0), packets.size());
    EXPECT_EQ(packets.back().payload_type, 0);
}

TEST_P(Sources, StraysOfOtherSourcesReachNobody) {
    start([this](PacketCamera::Sender& sender, unsigned step) {
        send_picture(sender);
        PacketStream stray{96, 0x66000000 + step, 7, 7}; // each time another
        sender.rtp(0, stray.packet(PacketBytes(50, 'E')));
    });
    ASSERT_TRUE(player_->wait_packets(200));
    const auto packets = player_->packets();
    expect_unbroken(packets);
    for (const auto& packet : packets)
        ASSERT_NE(packet.payload_size, 50U);
    const auto seen = counters();
    EXPECT_GE(seen.at("dropped_in"), 150) << seen.dump();
    EXPECT_GE(seen.at("tracks").at(0).at("foreign_dropped"), 150) << seen.dump();
}

TEST_P(Sources, NothingIsLostOfACameraWithAnotherSsrcForEachGroup) {
    start([this](PacketCamera::Sender& sender, unsigned) {
        if (number_ % 25 == 0 && number_ != 0) {
            video_.ssrc += 0x01010101;
            video_.sequence = static_cast<std::uint16_t>(video_.sequence * 31 + 7);
        }
        send_picture(sender);
    });
    ASSERT_TRUE(player_->wait_packets(400));
    const auto packets = player_->packets();
    expect_unbroken(packets);
    std::set<std::uint64_t> pictures;
    for (const auto& packet : packets)
        pictures.insert(packet.payload_hash);
    EXPECT_EQ(pictures.size(), packets.size());
    const auto seen = counters();
    EXPECT_GE(seen.at("tracks").at(0).at("source_changes"), 12) << seen.dump();
    EXPECT_EQ(seen.at("dropped_in"), 0) << seen.dump();
}

// A goodbye of the source that leaves, as RFC 3550 §8.2 wants.
TEST_P(Sources, ItMaySayGoodbyeEachTime) {
    start([this](PacketCamera::Sender& sender, unsigned) {
        if (number_ % 25 == 0 && number_ != 0) {
            const std::uint32_t name = htonl(video_.ssrc);
            PacketBytes goodbye{0x81, 203, 0, 1};
            const auto* bytes = reinterpret_cast<const std::uint8_t*>(&name);
            goodbye.insert(goodbye.end(), bytes, bytes + 4);
            sender.rtcp(0, goodbye);
            video_.ssrc += 0x01010101;
        }
        send_picture(sender);
    });
    ASSERT_TRUE(player_->wait_packets(300));
    expect_unbroken(player_->packets());
}

TEST_P(Sources, TheFirstViewerOfACameraThatBeginsAnywhereBeginsWithAKeyFrame) {
    start([this](PacketCamera::Sender& sender, unsigned step) {
        if (step == 0)
            number_ = 11;
        send_picture(sender);
    });
    ASSERT_TRUE(player_->wait_packets(30));
    PacketStream stream;
    const auto expected = parse_rtp(stream.packet(picture_payload(25, true), true));
    EXPECT_EQ(player_->packets().front().payload_hash, expected->payload_hash);
}

TEST_P(Sources, TheFirstViewerGetsTheFirstKeyFrame) {
    start([this](PacketCamera::Sender& sender, unsigned) { send_picture(sender); });
    ASSERT_TRUE(player_->wait_packets(30));
    PacketStream stream;
    const auto expected = parse_rtp(stream.packet(picture_payload(0, true), true));
    EXPECT_EQ(player_->packets().front().payload_hash, expected->payload_hash);
}

TEST_P(Sources, ATrackThatFallsSilentIsToldOf) {
    start(
        [this](PacketCamera::Sender& sender, unsigned) {
            send_picture(sender);
            if (!silent_)
                send_sound(sender);
        },
        "", std::string(kPacketVideo) + kPacketAudio);
    ASSERT_TRUE(player_->wait_packets(1300, 1, 40s)); // 13 s
    silent_ = true;
    ASSERT_TRUE(proxy_->process().wait_err("track 2, audio PCMA/8000, has fallen silent", 30s))
        << proxy_->report();
    const auto seen = counters();
    EXPECT_EQ(seen.at("tracks").at(1).at("silent"), true) << seen.dump();
    EXPECT_EQ(seen.at("tracks").at(1).at("silences"), 1) << seen.dump();
    EXPECT_EQ(seen.at("tracks").at(0).at("silent"), false) << seen.dump();
    EXPECT_EQ(camera_->plays(), 1U);
}

INSTANTIATE_TEST_SUITE_P(, Sources, testing::Values(Ingest::Tcp, Ingest::Udp),
                         [](const auto& parameter) {
                             return parameter.param == Ingest::Tcp ? "tcp" : "udp";
                         });

using UdpSources = Sources;

// Anybody may send to the port.
TEST_P(UdpSources, WhatOtherHostsSendIsRefused) {
    auto other = bind_udp("127.0.0.9", 0);
    ASSERT_TRUE(other);
    stranger_ = std::move(*other);
    start([this](PacketCamera::Sender& sender, unsigned) {
        send_picture(sender);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(sender.client_port(0));
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        PacketStream forged = video_; // of the camera's source, with its next number
        const auto packet = forged.packet(PacketBytes(50, 'E'));
        sendto(stranger_.get(), packet.data(), packet.size(), 0,
               reinterpret_cast<const sockaddr*>(&address), sizeof address);
    });
    ASSERT_TRUE(player_->wait_packets(200));
    const auto packets = player_->packets();
    expect_unbroken(packets);
    for (const auto& packet : packets)
        ASSERT_NE(packet.payload_size, 50U);
    const auto seen = counters();
    EXPECT_GE(seen.at("refused_in"), 150) << seen.dump();
    EXPECT_TRUE(proxy_->process().wait_err("packets of 127.0.0.9")) << proxy_->report();
}

TEST_P(UdpSources, MediaMayComeFromTheHostThatSetupNames) {
    start([this](PacketCamera::Sender& sender, unsigned) { send_picture(sender); }, "127.0.0.7");
    ASSERT_TRUE(player_->wait_packets(100)) << proxy_->report();
    expect_unbroken(player_->packets());
    EXPECT_EQ(counters().at("refused_in"), 0);
}

INSTANTIATE_TEST_SUITE_P(, UdpSources, testing::Values(Ingest::Udp),
                         [](const auto&) { return "udp"; });

} // namespace
} // namespace rtspproxy::tests
