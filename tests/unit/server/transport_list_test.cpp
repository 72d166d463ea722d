#include "app/server/transport_list.hpp"

#include <gtest/gtest.h>

namespace rtspproxy::server::tests {
namespace {

TEST(UsableTransports, KeepsTheirOrderAndWords) {
    EXPECT_EQ(usable_transports("RTP/AVP;unicast;client_port=5000-5001"),
              "RTP/AVP;unicast;client_port=5000-5001");
    EXPECT_EQ(usable_transports("RTP/AVP;multicast , RTP/AVP/TCP;unicast;interleaved=0-1"),
              "RTP/AVP;multicast,RTP/AVP/TCP;unicast;interleaved=0-1");
}

// GStreamer would print a warning for each.
TEST(UsableTransports, LeavesOutBlanksAndUnknownParameters) {
    EXPECT_EQ(usable_transports("rtp/avp/tcp; Unicast ;;x;interleaved=2-3;\x1b[31m=5"),
              "rtp/avp/tcp;Unicast;interleaved=2-3");
    EXPECT_EQ(usable_transports("RTP/AVP; unicast; client_port=5000-5001;mode=play"),
              "RTP/AVP;unicast;client_port=5000-5001;mode=play");
}

TEST(UsableTransports, LeavesOutWhatNobodyCanBeSentBy) {
    EXPECT_EQ(usable_transports("nonsense,RTP/AVP/TCP;interleaved=0-1,more nonsense"),
              "RTP/AVP/TCP;interleaved=0-1");
    for (const char* ports : {"", ";client_port=0-1", ";client_port=65535-65536",
                              ";client_port=5000-70000", ";client_port=x"})
        EXPECT_EQ(usable_transports(std::string("RTP/AVP;unicast") + ports), "") << ports;
    EXPECT_EQ(usable_transports("RTP/AVP;unicast;client_port=5000"),
              "RTP/AVP;unicast;client_port=5000");
}

TEST(UsableTransports, OfNothingAreNone) {
    for (const char* list : {"", ",", " , ,", "\t"})
        EXPECT_EQ(usable_transports(list), "");
}

} // namespace
} // namespace rtspproxy::server::tests
