// Cameras whose answers other players read.
#include "tests/e2e/proxy.hpp"
#include "tests/support/deadline.hpp"
#include "tests/support/rtsp_player.hpp"
#include "tests/support/scripted_camera.hpp"
#include "tests/support/watchdog.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <functional>
#include <string>

namespace rtspproxy::tests {
namespace {

using Connection = ScriptedCamera::Connection;
using Request = ScriptedCamera::Request;
using Handler = std::function<bool(Connection&, const Request&)>;

const std::string kBoth = std::string(kScriptedVideo) + kScriptedAudio;

Handler on(const std::string& method, std::function<bool(Connection&, const Request&)> handler) {
    return [method, handler = std::move(handler)](Connection& connection, const Request& request) {
        return request.method == method && handler(connection, request);
    };
}

class CameraAnswers : public WatchedTest {
  protected:
    // That a player of the proxy gets what the camera sends, in one piece.
    static void expect_played(ScriptedCamera& camera, Proxy& proxy) {
        ASSERT_TRUE(proxy.wait_ready()) << proxy.report();
        RtspPlayer player(proxy.url());
        const auto played = player.play();
        ASSERT_TRUE(played) << played.error().message;
        ASSERT_TRUE(player.wait_packets(60)) << proxy.report();
        const auto difference = find_difference(camera.sent(), player.packets());
        EXPECT_FALSE(difference) << *difference;
    }
    static void expect_played(ScriptedCamera::Script script, const std::string& option = "-t") {
        ScriptedCamera camera(std::move(script));
        Proxy proxy({option, camera.url()});
        expect_played(camera, proxy);
    }
    static nlohmann::json statistics(Proxy& proxy) {
        proxy.process().send_signal(SIGUSR1);
        nlohmann::json last;
        static_cast<void>(eventually([&] {
            for (const std::string& line : split_lines(proxy.process().err()))
                if (line.starts_with("{\"mount\""))
                    last = nlohmann::json::parse(line);
            return !last.is_null();
        }));
        return last;
    }
};

TEST_F(CameraAnswers, WithoutNumbers) {
    ScriptedCamera camera({.on_request = [](Connection& connection, const Request& request) {
        Request unnumbered = request;
        if (request.method == "OPTIONS" || request.method == "TEARDOWN") {
            connection.write("RTSP/1.0 200 OK\r\n\r\n");
            return true;
        }
        unnumbered.headers["cseq"] = request.method == "DESCRIBE" ? "9999" : "";
        connection.answer_plainly(unnumbered);
        return true;
    }});
    Proxy proxy({"-t", camera.url()});
    expect_played(camera, proxy);
    EXPECT_GE(statistics(proxy)["answers_mended"], 4);
}

struct Answer {
    const char* name;
    std::function<std::string(const std::string& transport)> transport; // of SETUP
    const char* option = "-t";
};

void PrintTo(const Answer& answer, std::ostream* stream) {
    *stream << answer.name;
}

class CameraTransports : public CameraAnswers, public ::testing::WithParamInterface<Answer> {};

TEST_P(CameraTransports, AreUnderstood) {
    expect_played({.media = kBoth,
                   .on_request = on("SETUP",
                                    [](Connection& connection, const Request& request) {
                                        const auto transport =
                                            GetParam().transport(connection.set_up(request));
                                        connection.answer(request, 200, "OK",
                                                          "Session: 1 ; timeout = 60\r\n" +
                                                              transport);
                                        return true;
                                    })},
                  GetParam().option);
}

std::string replaced(std::string text, const std::string& what, const std::string& with) {
    for (std::size_t at = text.find(what); at != std::string::npos;
         at = text.find(what, at + with.size()))
        text.replace(at, what.size(), with);
    return "Transport: " + text + "\r\n";
}

INSTANTIATE_TEST_SUITE_P(
    , CameraTransports,
    ::testing::Values(
        Answer{"Blanks", [](const auto& own) { return replaced(own, ";", " ; "); }},
        Answer{"BlanksOverUdp", [](const auto& own) { return replaced(own, ";", "; "); }, "-v"},
        Answer{"None", [](const auto&) { return std::string(); }},
        Answer{"NoneOverUdp", [](const auto&) { return std::string(); }, "-v"},
        Answer{"NoChannels",
               [](const auto&) { return std::string("Transport: RTP/AVP/TCP;unicast\r\n"); }},
        Answer{"Twice",
               [](const auto& own) { return replaced(own, "unicast", "unicast;unicast"); }},
        Answer{"UdpByName",
               [](const auto& own) { return replaced(own, "RTP/AVP;", "RTP/AVP/UDP;"); }, "-v"}),
    [](const auto& test) { return std::string(test.param.name); });

TEST_F(CameraAnswers, OptionsNotFound) {
    expect_played({.on_request = on("OPTIONS", [](Connection& connection, const Request& request) {
                       connection.answer(request, 404, "Not Found");
                       return true;
                   })});
}

TEST_F(CameraAnswers, OptionsByClosing) {
    ScriptedCamera camera({.on_request = on("OPTIONS", [](Connection& connection, const Request&) {
                               connection.close();
                               return true;
                           })});
    Proxy proxy({"-t", camera.url()});
    expect_played(camera, proxy);
    EXPECT_EQ(camera.count("OPTIONS"), 1U);
}

TEST_F(CameraAnswers, ARelativeRedirect) {
    ScriptedCamera camera(
        {.on_request = on("DESCRIBE", [](Connection& connection, const Request& request) {
             if (request.url.find("/elsewhere") != std::string::npos)
                 return false;
             connection.answer(request, 302, "Moved", "Location: /elsewhere\r\n");
             return true;
         })});
    Proxy proxy({"-t", camera.url()});
    expect_played(camera, proxy);
}

TEST_F(CameraAnswers, StrayBytesBetweenFrames) {
    constexpr unsigned kEach = 10;
    ScriptedCamera camera({.after_picture = [](Connection& connection, unsigned picture) {
        if (picture % kEach == kEach - 1)
            connection.write(std::string("\0\1\2\3\4\5\6\7", 8));
    }});
    Proxy proxy({"-t", camera.url()});
    expect_played(camera, proxy);
    EXPECT_EQ(camera.count("PLAY"), 1U);
    EXPECT_GE(statistics(proxy)["stray_bytes_in"], 8);
}

// It would leave if nobody answered.
TEST_F(CameraAnswers, RequestsOfTheCameraAmongTheFrames) {
    ScriptedCamera camera({.after_picture = [](Connection& connection, unsigned picture) {
        if (picture % 20 == 10)
            connection.write("OPTIONS * RTSP/1.0\r\n\r\nGET_PARAMETER rtsp://x/ "
                             "RTSP/1.0\r\nCSeq: 77\r\nContent-Length: 2\r\n\r\n$$");
    }});
    Proxy proxy({"-t", camera.url()});
    expect_played(camera, proxy);
    EXPECT_TRUE(eventually([&] { return camera.count("RTSP/1.0") >= 2; }));
    EXPECT_EQ(camera.count("PLAY"), 1U);
}

class RefusedTrack : public CameraAnswers, public ::testing::WithParamInterface<int> {};

TEST_P(RefusedTrack, CostsOnlyItself) {
    ScriptedCamera camera(
        {.media = kBoth,
         .on_request = on("SETUP", [](Connection& connection, const Request& request) {
             if (request.url.find("track2") == std::string::npos)
                 return false;
             connection.answer(request, GetParam(), "Because");
             return true;
         })});
    Proxy proxy({"-t", camera.url()});
    expect_played(camera, proxy);
    const std::string said =
        "back end refuses track 2 (" + std::to_string(GetParam()) + " Because)";
    ASSERT_TRUE(proxy.process().wait_err(said)) << proxy.report();
    const auto plays = camera.count("PLAY");
    camera.cut();
    RtspPlayer player(proxy.url());
    ASSERT_TRUE(player.play());
    ASSERT_TRUE(eventually([&] { return camera.count("PLAY") > plays; }));
    ASSERT_TRUE(player.wait_packets(10));
    const std::string err = proxy.process().err();
    EXPECT_EQ(err.find(said), err.rfind(said)); // once
}

INSTANTIATE_TEST_SUITE_P(, RefusedTrack, ::testing::Values(400, 403, 404, 453, 454, 461, 500),
                         ::testing::PrintToStringParamName());

// Over UDP, also to a group; 0: it closes the connection.
class RefusedUdp : public CameraAnswers, public ::testing::WithParamInterface<int> {};

TEST_P(RefusedUdp, MakesTcpBeTried) {
    ScriptedCamera camera(
        {.on_request = on("SETUP", [](Connection& connection, const Request& request) {
             if (request.header("transport").find("interleaved") != std::string::npos)
                 return false;
             if (GetParam() == 0)
                 connection.close();
             else
                 connection.answer(request, GetParam(), "Because");
             return true;
         })});
    Proxy proxy({camera.url()});
    expect_played(camera, proxy);
    EXPECT_EQ(statistics(proxy)["transport"], "tcp");
}

INSTANTIATE_TEST_SUITE_P(, RefusedUdp, ::testing::Values(0, 400, 404, 454, 461, 500, 503),
                         ::testing::PrintToStringParamName());

TEST_F(CameraAnswers, PlayRefusedOverUdp) {
    ScriptedCamera camera(
        {.on_request = [udp = false](Connection& connection, const Request& request) mutable {
            if (request.method == "SETUP")
                udp = request.header("transport").find("interleaved") == std::string::npos;
            if (request.method != "PLAY" || !udp)
                return false;
            connection.answer(request, 500, "Because");
            return true;
        }});
    Proxy proxy({camera.url()});
    expect_played(camera, proxy);
    EXPECT_EQ(statistics(proxy)["transport"], "tcp");
}

} // namespace
} // namespace rtspproxy::tests
