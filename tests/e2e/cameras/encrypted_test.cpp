// Back ends that encrypt their media (SRTP, keys by MIKEY).
#include "tests/e2e/proxy.hpp"
#include "tests/support/material.hpp"
#include "tests/support/mikey.hpp"
#include "tests/support/rtsp_player.hpp"
#include "tests/support/scripted_camera.hpp"
#include "tests/support/sdp.hpp"
#include "tests/support/test_server.hpp"
#include "tests/support/watchdog.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include <memory>
#include <string>
#include <vector>

namespace rtspproxy::tests {
namespace {

class Encrypted : public WatchedTest, public ::testing::WithParamInterface<PlayerTransport> {
  protected:
    // `url` as the back end of a proxy that is told the transport to use.
    static std::vector<std::string> arguments(const std::string& url) {
        if (GetParam() == PlayerTransport::Tcp)
            return {"-t", "-V", url};
        return {"--strict-transport", "-V", url};
    }

    static void expect_decrypted(TestServer& server, Proxy& proxy, std::size_t packets = 60) {
        RtspPlayer player(proxy.url());
        const auto played = player.play();
        ASSERT_TRUE(played) << played.error().message << proxy.report();
        EXPECT_EQ(player.sdp().find("SAVP"), std::string::npos) << player.sdp();
        EXPECT_EQ(player.sdp().find("mikey"), std::string::npos) << player.sdp();
        ASSERT_TRUE(player.wait_packets(packets)) << proxy.report();
        const auto difference = find_difference(server.sent("/live"), player.packets());
        EXPECT_FALSE(difference) << *difference;
    }
};

TEST_P(Encrypted, AreServedAsPlainRtp) {
    TestServer server;
    server.mount("/live", launch_line(private_track(0)), {.encrypted = true});
    Proxy proxy(arguments(server.url("/live")));
    ASSERT_TRUE(proxy.wait_ready()) << proxy.report();
    expect_decrypted(server, proxy);
}

TEST_P(Encrypted, ArePutInOrder) {
    TestServer server;
    server.mount("/live", launch_line(private_track(0)), {.udp_disorder = true, .encrypted = true});
    auto wanted = arguments(server.url("/live"));
    wanted.insert(wanted.begin(), {"--latency", "500"});
    Proxy proxy(wanted);
    ASSERT_TRUE(proxy.wait_ready()) << proxy.report();
    expect_decrypted(server, proxy, 100);
}

TEST_P(Encrypted, DoNotTellTheirKeys) {
    TestServer server;
    server.mount("/live", launch_line(private_track(0)), {.encrypted = true});
    Proxy proxy(arguments(server.url("/live")));
    ASSERT_TRUE(proxy.wait_ready());
    expect_decrypted(server, proxy);
    const auto response = rtsp_request("DESCRIBE", server.url("/live"));
    ASSERT_TRUE(response);
    const std::string label = "a=key-mgmt:mikey ";
    const std::size_t key = response->body.find(label);
    ASSERT_NE(key, std::string::npos) << response->body;
    const std::string said = proxy.process().err();
    EXPECT_NE(said.find("a=key-mgmt:***"), std::string::npos) << said;
    EXPECT_NE(said.find("KeyMgmt:"), std::string::npos) << said;
    EXPECT_EQ(said.find("mikey"), std::string::npos) << said;
    // A media has the same keys for all of its clients.
    EXPECT_EQ(said.find(response->body.substr(key + label.size(), 20)), std::string::npos);
}

// A back end that was started again has new keys.
TEST_P(Encrypted, GoOnWithNewKeys) {
    auto server = std::make_unique<TestServer>();
    const auto port = server->port();
    const auto serve = [&] {
        server->mount("/live", launch_line(private_track(0)), {.encrypted = true});
    };
    serve();
    Proxy proxy(arguments(server->url("/live")));
    ASSERT_TRUE(proxy.wait_ready());
    RtspPlayer player(proxy.url());
    ASSERT_TRUE(player.play().has_value());
    ASSERT_TRUE(player.wait_packets(30)) << proxy.report();
    server.reset();
    server = std::make_unique<TestServer>(ServerOptions{.port = port});
    serve();
    ASSERT_TRUE(eventually([&] { return server->count("PLAY") > 0; })) << proxy.report();
    const auto before = player.count();
    EXPECT_TRUE(player.wait_packets(before + 30)) << proxy.report();
    EXPECT_TRUE(player.connected());
}

INSTANTIATE_TEST_SUITE_P(, Encrypted, ::testing::Values(PlayerTransport::Tcp, PlayerTransport::Udp),
                         ::testing::PrintToStringParamName());

class EncryptedWrongly : public WatchedTest {
  protected:
    static ScriptedCamera::Script script(const std::string& keys) {
        ScriptedCamera::Script script;
        script.media = std::string("m=video 0 RTP/SAVP 96\r\n"
                                   "a=rtpmap:96 H264/90000\r\n"
                                   "a=control:track1\r\n") +
                       keys;
        script.on_request = [](ScriptedCamera::Connection& connection,
                               const ScriptedCamera::Request& request) {
            if (request.method != "SETUP")
                return false;
            std::string transport = connection.set_up(request);
            transport.replace(transport.find("RTP/AVP"), 7, "RTP/SAVP");
            connection.answer(request, 200, "OK", "Session: 1\r\nTransport: " + transport + "\r\n");
            return true;
        };
        return script;
    }
};

// Packets that were not made with the key that the SDP tells.
TEST_F(EncryptedWrongly, WithAnotherKeyCannotBeDecrypted) {
    ScriptedCamera camera(script("a=key-mgmt:mikey " + mikey({}) + "\r\n"));
    Proxy proxy({"-t", camera.url()});
    ASSERT_TRUE(proxy.wait_ready()) << proxy.report();
    RtspPlayer player(proxy.url());
    ASSERT_TRUE(player.play().has_value());
    EXPECT_TRUE(proxy.process().wait_err("cannot decrypt")) << proxy.report();
    EXPECT_EQ(player.count(), 0U);
}

TEST_F(EncryptedWrongly, WithoutKeysAreNotServed) {
    ScriptedCamera camera(script("a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:c2VjcmV0a2V5\r\n"));
    Proxy proxy({"-t", "-V", camera.url()});
    EXPECT_TRUE(proxy.process().wait_err("a=crypto, which")) << proxy.report();
    EXPECT_EQ(proxy.process().err().find("c2VjcmV0a2V5"), std::string::npos);
    EXPECT_EQ(camera.count("SETUP"), 0U);
}

} // namespace
} // namespace rtspproxy::tests
