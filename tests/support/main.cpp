// main() of the test programs that use GStreamer.
#include "tests/support/multicast.hpp"
#include "tests/support/rtp_source.hpp"

#include <gst/gst.h>
#include <gtest/gtest.h>

int main(int argc, char** argv) {
    ::testing::InitGoogleTest(&argc, argv);
    if (GTEST_FLAG_GET(list_tests))
        return RUN_ALL_TESTS();
    // A registry of this build, also for the programs that the tests start.
    g_setenv("GST_REGISTRY", RTSPPROXY_TEST_REGISTRY, FALSE);
    gst_init(&argc, &argv);
    rtspproxy::tests::register_rtp_source();
    rtspproxy::tests::share_multicast_ports();
    return RUN_ALL_TESTS();
}
