// What cameras write into their SDPs that rtspsrc alone reads differently from other players.
#include "tests/e2e/proxy.hpp"
#include "tests/support/rtsp_player.hpp"
#include "tests/support/scripted_camera.hpp"
#include "tests/support/sdp.hpp"
#include "tests/support/watchdog.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <ostream>
#include <string>
#include <tuple>
#include <vector>

namespace rtspproxy::tests {
namespace {

using Paths = std::vector<std::string>;

constexpr const char* kSecondAudio = "m=audio 0 RTP/AVP 8\r\n"
                                     "a=rtpmap:8 PCMA/8000\r\n"
                                     "a=control:track3\r\n";

// One kind of SDP, and what is right for it.
struct Kind {
    const char* name;
    const char* path;         // of the URL that the proxy is given
    std::string content_base; // path; empty: the header is missing
    std::string session;      // further lines of the session's level
    std::string media;
    Paths set_up;       // paths of the SETUPs that the camera answers; others get 404
    const char* played; // path of the PLAY
    std::vector<std::string> encodings = {"H264/90000", "PCMA/8000"};
};

void PrintTo(const Kind& kind, std::ostream* stream) {
    *stream << kind.name;
}

std::string replaced(std::string text, const std::string& what, const std::string& by) {
    for (std::size_t at = text.find(what); at != std::string::npos;
         at = text.find(what, at + by.size()))
        text.replace(at, what.size(), by);
    return text;
}

std::string without_controls(const std::string& media) {
    return replaced(replaced(media, "a=control:track1\r\n", ""), "a=control:track2\r\n", "");
}

const std::string kBoth = std::string(kScriptedVideo) + kScriptedAudio;

const Kind kKinds[] = {
    {"Query",
     "/cam/real?channel=1&subtype=0",
     "",
     "a=control:*\r\n",
     kBoth,
     {"/cam/real?channel=1&subtype=0/track1", "/cam/real?channel=1&subtype=0/track2"},
     "/cam/real?channel=1&subtype=0"},
    {"QueryInContentBase",
     "/cam/real?channel=1",
     "/cam/real?channel=1/",
     "",
     kBoth,
     {"/cam/real?channel=1/track1", "/cam/real?channel=1/track2"},
     "/cam/real?channel=1/"},
    {"NoFinalSlash",
     "/live/main",
     "/live/main",
     "",
     kBoth,
     {"/live/main/track1", "/live/main/track2"},
     "/live/main"},
    {"NoControl", "/cam", "", "", without_controls(kBoth), {"/cam", "/cam"}, "/cam"},
    {"NoControlAndContentBase",
     "/cam",
     "/cam/",
     "",
     without_controls(kBoth),
     {"/cam/", "/cam/"},
     "/cam/"},
    {"BackChannel",
     "/live",
     "/live/",
     "",
     replaced(kBoth, "a=control", "a=recvonly\r\na=control") + kSecondAudio + "a=sendonly\r\n",
     {"/live/track1", "/live/track2"},
     "/live/"},
    {"OnlyAudioIsMarkedSendonly",
     "/live",
     "/live/",
     "",
     kBoth + "a=sendonly\r\n",
     {"/live/track1", "/live/track2"},
     "/live/"},
    {"TcpInTheProtocol",
     "/live",
     "/live/",
     "",
     replaced(kBoth, "RTP/AVP", "RTP/AVP/TCP"),
     {"/live/track1", "/live/track2"},
     "/live/"},
    {"Group",
     "/live",
     "",
     "c=IN IP4 239.255.7.9/16\r\n",
     kBoth,
     {"/live/track1", "/live/track2"},
     "/live"},
    {"MpegTs",
     "/live",
     "/live/",
     "",
     "m=video 8048 MP2T/AVP 33\r\n",
     {"/live/"},
     "/live/",
     {"MP2T/90000"}},
    {"NoRtpmap",
     "/live",
     "/live/",
     "",
     "m=video 0 RTP/AVP 97\r\na=control:track0\r\n" + kBoth,
     {"/live/track1", "/live/track2"},
     "/live/"},
};

class SdpKind : public WatchedTest,
                public ::testing::WithParamInterface<std::tuple<Kind, PlayerTransport>> {
  protected:
    [[nodiscard]] static const Kind& kind() { return std::get<Kind>(GetParam()); }
    [[nodiscard]] static bool over_tcp() {
        return std::get<PlayerTransport>(GetParam()) == PlayerTransport::Tcp;
    }

    static std::string path_of(const std::string& url) {
        return url.substr(url.find('/', url.find("://") + 3));
    }
    // The paths that requests of that method went to.
    static Paths paths(ScriptedCamera& camera, const std::string& method) {
        Paths found;
        for (const auto& request : camera.requests())
            if (request.method == method)
                found.push_back(path_of(request.url));
        return found;
    }

    static bool answer(ScriptedCamera::Connection& connection,
                       const ScriptedCamera::Request& request) {
        const std::string host = request.url.substr(0, request.url.find('/', 7));
        if (request.method == "DESCRIBE") {
            const std::string base = kind().content_base.empty()
                                         ? ""
                                         : "Content-Base: " + host + kind().content_base + "\r\n";
            connection.answer(request, 200, "OK", "Content-Type: application/sdp\r\n" + base,
                              "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=camera\r\nt=0 0\r\n" +
                                  kind().session + kind().media);
            return true;
        }
        if (request.method != "SETUP")
            return false;
        if (request.header("transport").find("multicast") != std::string::npos) {
            connection.answer(request, 461, "Unsupported Transport");
            return true;
        }
        if (std::ranges::find(kind().set_up, path_of(request.url)) != kind().set_up.end())
            return false;
        connection.answer(request, 404, "Not Found");
        return true;
    }

    static std::vector<std::string> encodings(const std::string& sdp) {
        std::vector<std::string> names;
        for (const auto& media : parse_sdp(sdp))
            names.push_back(media.rtpmap.empty() ? "MP2T/90000"
                                                 : media.rtpmap.substr(media.rtpmap.find(' ') + 1));
        return names;
    }
};

TEST_P(SdpKind, IsReadAsOtherPlayersReadIt) {
    ScriptedCamera::Script script;
    script.on_request = answer;
    ScriptedCamera camera(script);
    std::vector<std::string> arguments{camera.url(kind().path)};
    if (over_tcp())
        arguments.insert(arguments.begin(), "-t");
    Proxy proxy(arguments);
    ASSERT_TRUE(proxy.wait_ready()) << proxy.report();
    RtspPlayer player(proxy.url());
    const auto played = player.play();
    ASSERT_TRUE(played) << played.error().message;
    EXPECT_EQ(encodings(player.sdp()), kind().encodings);
    ASSERT_EQ(player.tracks(), kind().set_up.size());
    for (std::size_t i = 0; i < player.tracks(); ++i)
        EXPECT_TRUE(player.wait_packets(10, i)) << "track " << i << "\n" << proxy.report();

    Paths asked;
    for (const auto& request : camera.requests()) {
        const std::string transport = request.header("transport");
        if (request.method == "SETUP" && transport.find("multicast") == std::string::npos) {
            asked.push_back(path_of(request.url));
            EXPECT_EQ(transport.find("TCP") != std::string::npos, over_tcp()) << transport;
        } else if (request.method == "SETUP") {
            EXPECT_FALSE(over_tcp()) << transport;
        }
    }
    EXPECT_EQ(asked, kind().set_up);
    EXPECT_EQ(paths(camera, "PLAY"), Paths{kind().played});
    EXPECT_EQ(proxy.end(), 0);
    const Paths left = paths(camera, "TEARDOWN");
    ASSERT_FALSE(left.empty());
    EXPECT_EQ(left.back(), kind().played);
}

INSTANTIATE_TEST_SUITE_P(, SdpKind,
                         ::testing::Combine(::testing::ValuesIn(kKinds),
                                            ::testing::Values(PlayerTransport::Tcp,
                                                              PlayerTransport::Udp)),
                         [](const auto& test) {
                             return std::get<Kind>(test.param).name + std::string("_") +
                                    to_string(std::get<PlayerTransport>(test.param));
                         });

// A camera that resolves controls as RFC 2326 has it. How it refuses other URLs does not matter.
class OtherUrl : public WatchedTest, public ::testing::WithParamInterface<int> {
  protected:
    static constexpr int kClose = 0;
};

TEST_P(OtherUrl, IsTriedWhenOneIsRefused) {
    ScriptedCamera::Script script;
    script.on_request = [](ScriptedCamera::Connection& connection,
                           const ScriptedCamera::Request& request) {
        if (request.method == "DESCRIBE") {
            connection.answer(
                request, 200, "OK", "Content-Type: application/sdp\r\n",
                std::string("v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=camera\r\nt=0 0\r\n") +
                    kScriptedVideo);
            return true;
        }
        if (request.method != "SETUP" || request.url.ends_with("/media/track1"))
            return false;
        if (GetParam() == kClose)
            connection.close();
        else
            connection.answer(request, GetParam(), "No");
        return true;
    };
    ScriptedCamera camera(script);
    Proxy proxy({"-t", camera.url("/media/stream?id=1")});
    ASSERT_TRUE(proxy.wait_ready());
    RtspPlayer player(proxy.url());
    ASSERT_TRUE(player.play().has_value());
    EXPECT_TRUE(player.wait_packets(10)) << proxy.report();
    std::vector<std::string> urls;
    for (const auto& request : camera.requests())
        if (request.method == "SETUP")
            urls.push_back(request.url);
    EXPECT_EQ(urls,
              (std::vector{camera.url("/media/stream?id=1/track1"), camera.url("/media/track1")}));
}

INSTANTIATE_TEST_SUITE_P(, OtherUrl, ::testing::Values(400, 403, 404, 451, 454, 500, 0),
                         [](const auto& test) {
                             return test.param == 0 ? "Close" : std::to_string(test.param);
                         });

} // namespace
} // namespace rtspproxy::tests
