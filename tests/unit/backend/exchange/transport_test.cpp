#include "app/backend/exchange/transport.hpp"

#include <gtest/gtest.h>

namespace rtspproxy::backend::exchange::tests {
namespace {

constexpr const char* kTcp = "RTP/AVP/TCP;unicast;interleaved=2-3";
constexpr const char* kUdp = "RTP/AVP;unicast;client_port=5000-5001";

struct Case {
    const char* name;
    const char* asked;
    const char* answered;
    const char* mended;
};
class Transports : public ::testing::TestWithParam<Case> {};

TEST_P(Transports, AreMadeReadable) {
    Channels taken;
    const auto& [name, asked, answered, mended] = GetParam();
    EXPECT_EQ(mended_transport(answered, asked, taken), mended);
}

// What rtspsrc reads right stays as it is.
INSTANTIATE_TEST_SUITE_P(
    Right, Transports,
    ::testing::Values(
        Case{"Tcp", kTcp, "RTP/AVP/TCP;unicast;interleaved=2-3;ssrc=1A2B3C4D;mode=\"PLAY\"",
             "RTP/AVP/TCP;unicast;interleaved=2-3;ssrc=1A2B3C4D;mode=\"PLAY\""},
        Case{"OtherChannels", kTcp, "RTP/AVP/TCP;unicast;interleaved=168-169",
             "RTP/AVP/TCP;unicast;interleaved=168-169"},
        Case{"Udp", kUdp,
             "RTP/AVP;unicast;client_port=5000-5001;server_port=6000-6001;source=10.0.0.5",
             "RTP/AVP;unicast;client_port=5000-5001;server_port=6000-6001;source=10.0.0.5"},
        Case{"UdpByName", kUdp, "RTP/AVP/UDP;unicast;client_port=5000-5001;server_port=6000-6001",
             "RTP/AVP/UDP;unicast;client_port=5000-5001;server_port=6000-6001"},
        Case{"Multicast", "RTP/AVP;multicast",
             "RTP/AVP;multicast;destination=239.1.1.1;port=5000-5001;ttl=16",
             "RTP/AVP;multicast;destination=239.1.1.1;port=5000-5001;ttl=16"},
        Case{"Encrypted", "RTP/SAVP/TCP;unicast;interleaved=0-1",
             "RTP/SAVP/TCP;unicast;interleaved=0-1", "RTP/SAVP/TCP;unicast;interleaved=0-1"},
        Case{"TcpInsteadOfUdp", kUdp, "RTP/AVP/TCP;unicast;interleaved=0-1",
             "RTP/AVP/TCP;unicast;interleaved=0-1"}),
    [](const auto& test) { return std::string(test.param.name); });

INSTANTIATE_TEST_SUITE_P(
    Wrong, Transports,
    ::testing::Values(
        Case{"Blanks", kTcp, "RTP/AVP/TCP; unicast; interleaved = 2 - 3 ;ssrc= 12AB",
             "RTP/AVP/TCP;unicast;interleaved=2-3;ssrc=12AB"},
        Case{"NothingForTcp", kTcp, "", "RTP/AVP/TCP;interleaved=2-3"},
        Case{"NothingForUdp", kUdp, "", "RTP/AVP;unicast;client_port=5000-5001"},
        Case{"NoChannels", kTcp, "RTP/AVP/TCP;unicast", "RTP/AVP/TCP;unicast;interleaved=2-3"},
        Case{"NoChannelsAskedFor", kUdp, "RTP/AVP/TCP;unicast",
             "RTP/AVP/TCP;unicast;interleaved=0-1"},
        Case{"OneChannel", kTcp, "RTP/AVP/TCP;unicast;interleaved=4",
             "RTP/AVP/TCP;unicast;interleaved=4-5"},
        Case{"ChannelsOutOfRange", kTcp, "RTP/AVP/TCP;unicast;interleaved=256-257",
             "RTP/AVP/TCP;unicast;interleaved=2-3"},
        Case{"ChannelsBackwards", kTcp, "RTP/AVP/TCP;unicast;interleaved=9-8",
             "RTP/AVP/TCP;unicast;interleaved=9-10"},
        Case{"NoLowerTransport", kTcp, "RTP/AVP;unicast;interleaved=2-3",
             "RTP/AVP/TCP;unicast;interleaved=2-3"},
        Case{"UdpByNameForTcp", kTcp, "RTP/AVP/UDP;unicast;interleaved=2-3",
             "RTP/AVP/TCP;unicast;interleaved=2-3"},
        Case{"ProfileOnly", kTcp, "RTP/AVP", "RTP/AVP/TCP;interleaved=2-3"},
        Case{"NoProfile", kTcp, "unicast;interleaved=2-3", "RTP/AVP/TCP;unicast;interleaved=2-3"},
        Case{"ForeignProfile", kTcp, "x-real-rdt/tcp;interleaved=2-3",
             "RTP/AVP/TCP;interleaved=2-3"},
        Case{"Case", kTcp, "rtp/avp/tcp;Unicast;Interleaved=2-3",
             "RTP/AVP/TCP;unicast;interleaved=2-3"},
        Case{"Twice", kTcp, "RTP/AVP/TCP;unicast;unicast;interleaved=2-3;interleaved=4-5",
             "RTP/AVP/TCP;unicast;interleaved=2-3"},
        Case{"MulticastTcp", kTcp, "RTP/AVP/TCP;multicast;interleaved=2-3",
             "RTP/AVP/TCP;interleaved=2-3"},
        Case{"Unknown", kTcp, "RTP/AVP/TCP;unicast;RTCP-mux;x=y;;interleaved=2-3",
             "RTP/AVP/TCP;unicast;interleaved=2-3"},
        Case{"SeveralOnes", kTcp, "RTP/AVP/TCP;unicast;interleaved=2-3,RTP/AVP;unicast",
             "RTP/AVP/TCP;unicast;interleaved=2-3"},
        Case{"PortsOutOfRange", kUdp,
             "RTP/AVP;unicast;client_port=5000-5001;server_port=70000-70001",
             "RTP/AVP;unicast;client_port=5000-5001"},
        Case{"NoPort", kUdp, "RTP/AVP;unicast;client_port=5000-5001;server_port=0-0",
             "RTP/AVP;unicast;client_port=5000-5001"},
        Case{"OnePort", kUdp, "RTP/AVP;unicast;client_port=5000-5001;server_port=6000",
             "RTP/AVP;unicast;client_port=5000-5001;server_port=6000-6001"},
        Case{"BadNumbers", kUdp, "RTP/AVP;unicast;client_port=5000-5001;ttl=999;ssrc=xyz;mode=\"\"",
             "RTP/AVP;unicast;client_port=5000-5001"},
        Case{"NoSource", kUdp, "RTP/AVP;unicast;client_port=5000-5001;source=",
             "RTP/AVP;unicast;client_port=5000-5001"}),
    [](const auto& test) { return std::string(test.param.name); });

// Some cameras say the same of each track.
TEST(Transport, EachTrackHasChannelsOfItsOwn) {
    Channels taken;
    EXPECT_EQ(mended_transport("RTP/AVP/TCP;unicast;interleaved=0-1",
                               "RTP/AVP/TCP;unicast;interleaved=0-1", taken),
              "RTP/AVP/TCP;unicast;interleaved=0-1");
    EXPECT_EQ(mended_transport("RTP/AVP/TCP;unicast;interleaved=0-1",
                               "RTP/AVP/TCP;unicast;interleaved=2-3", taken),
              "RTP/AVP/TCP;unicast;interleaved=2-3");
    EXPECT_EQ(mended_transport("RTP/AVP/TCP;unicast;interleaved=0-1",
                               "RTP/AVP/TCP;unicast;interleaved=2-3", taken),
              "RTP/AVP/TCP;unicast;interleaved=4-5");
}

TEST(Transport, WhetherItIsUdp) {
    EXPECT_TRUE(is_udp(kUdp));
    EXPECT_TRUE(is_udp("RTP/AVP;multicast"));
    EXPECT_FALSE(is_udp(kTcp));
    EXPECT_FALSE(is_udp("RTP/AVP/TCP"));
}

} // namespace
} // namespace rtspproxy::backend::exchange::tests
