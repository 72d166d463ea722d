#include "app/backend/sdp/media_keys.hpp"

#include <gtest/gtest.h>

namespace rtspproxy::backend::sdp::tests {
namespace {

TEST(WithoutKeys, HidesWholeLines) {
    EXPECT_EQ(without_keys("a=key-mgmt:mikey AQAFgM0XflABAAAA"), "a=key-mgmt:***");
    EXPECT_EQ(without_keys("a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:d0Rm"), "a=crypto:***");
    EXPECT_EQ(without_keys("k=clear:secret"), "k=***");
    EXPECT_EQ(without_keys("KeyMgmt: prot=mikey; uri=\"rtsp://a/1\"; data=\"AQAF\""),
              "KeyMgmt:***");
    EXPECT_EQ(without_keys(" A=Key-Mgmt:mikey AQAF"), "A=Key-Mgmt:***");
}

TEST(WithoutKeys, HidesMikeyInTransport) {
    EXPECT_EQ(without_keys("Transport: RTP/SAVP;unicast;MIKEY=AQAF=;ssrc=1"),
              "Transport: RTP/SAVP;unicast;MIKEY=***;ssrc=1");
    EXPECT_EQ(without_keys("Transport: RTP/SAVP;MIKEY=\"AQ;AF\",RTP/AVP;mikey=x"),
              "Transport: RTP/SAVP;MIKEY=***,RTP/AVP;mikey=***");
    EXPECT_EQ(without_keys("transport: MIKEY=\"never ended"), "transport: MIKEY=***");
}

TEST(WithoutKeys, LeavesAllElse) {
    for (const char* line : {"", " ", "a=control:trackID=0", "Transport: RTP/AVP;unicast",
                             "a=fmtp:96 mikey=1", "Session: k=1"})
        EXPECT_EQ(without_keys(line), line);
}

} // namespace
} // namespace rtspproxy::backend::sdp::tests
