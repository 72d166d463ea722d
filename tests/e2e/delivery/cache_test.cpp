// What is kept for clients that join: of other codecs, and where there is no room for it.
#include "tests/e2e/outages/fixture.hpp"
#include "tests/support/ffmpeg.hpp"
#include "tests/support/material.hpp"
#include "tests/support/test_server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace rtspproxy::tests {
namespace {

using testing::ElementsAre;
using testing::StartsWith;

class Cache : public OutageTest {
  protected:
    Cache() : OutageTest({"--audio", "--gop", "150"}) {}

    // Right behind a key frame: the next one is seconds away.
    static void expect_starts(const std::string& url, int not_key_starts) {
        constexpr int kClients = 4;
        Swarm joining(url, {"--transport", "mixed"}, kClients);
        ASSERT_TRUE(joining.wait_fed()) << joining.stats().dump();
        ASSERT_TRUE(eventually([&] { return joining.stats().at("frames") >= 10 * kClients; }));
        const auto seen = joining.stats();
        SCOPED_TRACE(seen.dump());
        EXPECT_EQ(seen.at("not_key_starts"), not_key_starts);
        for (const char* flaw : {"gaps", "duplicates", "reordered", "disconnects"})
            EXPECT_EQ(seen.at(flaw), 0) << flaw;
    }
};

TEST_F(Cache, H265StartsWithAKeyFrameToo) {
    TestServer server;
    server.mount("/live", launch_line(h265_track(0, 150)));
    Proxy proxy({"-t", server.url("/live")});
    ASSERT_TRUE(proxy.wait_ready());
    Swarm viewer(proxy.url(), {"--transport", "tcp"}, 1);
    ASSERT_TRUE(viewer.wait_fed()) << viewer.stats().dump();
    ASSERT_TRUE(viewer.wait_key_frames()) << viewer.stats().dump();
    expect_starts(proxy.url(), 0);
    expect_starts(proxy.url() + "?faststart=0", 4);
    const auto flags = ffprobe_packet_flags(proxy.url(), "tcp", 3);
    ASSERT_TRUE(flags) << flags.error().message;
    EXPECT_THAT(*flags, ElementsAre(StartsWith("K"), StartsWith("_"), StartsWith("_")));
}

// A group of pictures that is longer than that is not kept: clients begin with what comes.
TEST_F(Cache, WithoutRoomClientsBeginWithWhatComes) {
    start_proxy(Ingest::Tcp, {"--max-gop-bytes", "1000"});
    start_viewers({"--transport", "tcp"}, 1);
    expect_starts(proxy_->url(), 4);
    viewers_->expect_unharmed();
}

// The machine's way, so it is said once for all mounts.
TEST_F(Cache, HowUdpClientsAreSentToIsSaidOnce) {
    start_proxy(Ingest::Tcp, {camera_.url()}); // twice
    for (const char* mount : {"proxyStream-1", "proxyStream-2"}) {
        ASSERT_TRUE(proxy_->wait_ready(mount));
        Swarm viewers(proxy_->url(mount), {"--transport", "udp"}, 2);
        ASSERT_TRUE(viewers.wait_fed()) << viewers.stats().dump();
    }
    ASSERT_TRUE(proxy_->process().wait_err("UDP clients are sent "));
    const auto times_said = [&] {
        const auto lines = split_lines(proxy_->process().err());
        return std::ranges::count_if(lines, [](const auto& line) {
            return line.find("UDP clients are sent ") != std::string::npos &&
                   line.find("GSO") != std::string::npos;
        });
    };
    EXPECT_TRUE(throughout([&] { return times_said() == 1; }, 1s)) << times_said();
}

} // namespace
} // namespace rtspproxy::tests
