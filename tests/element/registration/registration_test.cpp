// REGISTER and DEREGISTER over real sockets, however the bytes come.
#include "tests/element/registration/door_fixture.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace rtspproxy::tests {
namespace {

constexpr const char* kUrl = "rtsp://camera.example/stream";

class RegistrationTest : public DoorTest {
  protected:
    RegistrationTest() {
        handle_registrations();
        handle_connections();
        EXPECT_TRUE(open());
    }
};

TEST_F(RegistrationTest, TellsTheHandlerWhatWasAskedFor) {
    Peer peer(bound_port());
    peer.send(register_request(kUrl, "preferred_delivery_protocol=interleaved; "
                                     "proxy_url_suffix=garden"));
    EXPECT_EQ(peer.response(), "RTSP/1.0 200 OK\r\nCSeq: 2\r\n\r\n");
    peer.send(register_request(kUrl, "preferred_delivery_protocol=udp"));
    EXPECT_EQ(peer.status(), 200U);
    peer.send(register_request(kUrl, "proxy_url_suffix=garden", "", "DEREGISTER"));
    EXPECT_EQ(peer.status(), 200U);
    peer.send(register_request(kUrl, "", "", "DEREGISTER"));
    EXPECT_EQ(peer.status(), 200U);

    const auto calls = this->calls();
    ASSERT_EQ(calls.size(), 4U);
    EXPECT_EQ(calls[0].signal, "register");
    EXPECT_EQ(calls[0].url, kUrl);
    EXPECT_EQ(calls[0].suffix, "garden");
    EXPECT_TRUE(calls[0].interleaved);
    EXPECT_FALSE(calls[0].socket);
    EXPECT_EQ(calls[0].address, "127.0.0.1");
    EXPECT_EQ(calls[1].suffix, std::nullopt);
    EXPECT_FALSE(calls[1].interleaved);
    EXPECT_EQ(calls[2].signal, "deregister");
    EXPECT_EQ(calls[2].suffix, "garden");
    EXPECT_EQ(calls[3].url, kUrl);
    EXPECT_EQ(calls[3].suffix, std::nullopt);
    EXPECT_EQ(counted("registered"), 2U);
    EXPECT_EQ(counted("deregistered"), 2U);
}

TEST_F(RegistrationTest, AnswersWhatTheHandlerDecides) {
    status_ = 451;
    Peer peer(bound_port());
    peer.send(register_request(kUrl, "proxy_url_suffix=taken"));
    EXPECT_EQ(peer.response(), "RTSP/1.0 451 Parameter Not Understood\r\nCSeq: 2\r\n\r\n");
    status_ = 42; // no status at all
    peer.send(register_request(kUrl, ""));
    EXPECT_EQ(peer.status(), 500U);
    status_ = 0; // no opinion
    peer.send(register_request(kUrl, ""));
    EXPECT_EQ(peer.status(), 200U);
    EXPECT_EQ(counted("refused-by-handler"), 2U);
}

TEST_F(RegistrationTest, PostsMessagesWithoutPasswords) {
    EXPECT_EQ(ask(register_request("rtsp://me:secret@camera/x",
                                   "preferred_delivery_protocol=interleaved;proxy_url_suffix=a")),
              200U);
    EXPECT_EQ(calls().at(0).url, "rtsp://me:secret@camera/x");
    const auto message = wait_message(GST_MESSAGE_ELEMENT);
    ASSERT_TRUE(message);
    const GstStructure* structure = gst_message_get_structure(message.get());
    EXPECT_TRUE(gst_structure_has_name(structure, "rtsp-register"));
    EXPECT_STREQ(gst_structure_get_string(structure, "url"), "rtsp://me:***@camera/x");
    EXPECT_STREQ(gst_structure_get_string(structure, "suffix"), "a");
    EXPECT_STREQ(gst_structure_get_string(structure, "address"), "127.0.0.1");
    gboolean interleaved = FALSE;
    EXPECT_TRUE(gst_structure_get_boolean(structure, "interleaved", &interleaved));
    EXPECT_TRUE(interleaved);
    guint status = 0;
    EXPECT_TRUE(gst_structure_get_uint(structure, "status", &status));
    EXPECT_EQ(status, 200U);

    EXPECT_EQ(ask(register_request(kUrl, "", "", "DEREGISTER")), 200U);
    const auto second = wait_message(GST_MESSAGE_ELEMENT);
    ASSERT_TRUE(second);
    EXPECT_TRUE(gst_structure_has_name(gst_message_get_structure(second.get()), "rtsp-deregister"));
}

// As many cameras want it: the password is no user:password@.
TEST_F(RegistrationTest, MasksPasswordsInPathAndQuery) {
    const std::map<std::string, std::string> masked_urls = {
        {"rtspt://camera/user=me_password=secret_channel=1",
         "rtspt://camera/user=me_password=***_channel=1"},
        {"rtsp://camera/live?user=me&pwd=secret", "rtsp://camera/live?user=me&pwd=***"}};
    for (const auto& [url, masked] : masked_urls) {
        EXPECT_EQ(ask(register_request(url, "")), 200U);
        const auto message = wait_message(GST_MESSAGE_ELEMENT);
        ASSERT_TRUE(message);
        EXPECT_EQ(gst_structure_get_string(gst_message_get_structure(message.get()), "url"),
                  masked);
    }
}

TEST_F(RegistrationTest, TakesARequestByteByByte) {
    Peer peer(bound_port());
    for (int i = 0; i < 2; ++i) {
        peer.send_slowly(register_request(kUrl, "proxy_url_suffix=slow"));
        EXPECT_EQ(peer.status(), 200U);
    }
    EXPECT_EQ(calls().size(), 2U);
}

TEST_F(RegistrationTest, TakesARequestSplitAnywhere) {
    const std::string request = register_request(kUrl, "proxy_url_suffix=split");
    for (std::size_t i = 1; i < request.size(); ++i) {
        Peer peer(bound_port());
        peer.send(request.substr(0, i));
        std::this_thread::sleep_for(1ms);
        peer.send(request.substr(i));
        ASSERT_EQ(peer.status(), 200U) << "split at " << i;
    }
}

TEST_F(RegistrationTest, TakesPipelinedRequestsAndLeavesTheRestUnread) {
    const std::string describe = "DESCRIBE rtsp://proxy/x RTSP/1.0\r\nCSeq: 9\r\n\r\nand more";
    std::string requests;
    constexpr std::size_t kCount = 40; // more than are answered at one go
    for (std::size_t i = 0; i < kCount; ++i)
        requests += register_request(kUrl, "proxy_url_suffix=" + std::to_string(i));
    Peer peer(bound_port());
    peer.send(requests + describe);
    for (std::size_t i = 0; i < kCount; ++i)
        ASSERT_EQ(peer.status(), 200U) << i;
    ASSERT_TRUE(wait_calls(kCount + 1));
    const auto calls = this->calls();
    for (std::size_t i = 0; i < kCount; ++i)
        EXPECT_EQ(calls[i].suffix, std::to_string(i));
    ASSERT_EQ(calls[kCount].signal, "connection");
    std::string left(describe.size() + 1, '\0');
    const gssize got =
        g_socket_receive(calls[kCount].socket.get(), left.data(), left.size(), nullptr, nullptr);
    EXPECT_EQ(left.substr(0, static_cast<std::size_t>(std::max<gssize>(got, 0))), describe);
}

TEST_F(RegistrationTest, AnswersAPeerThatHasFinishedSending) {
    Peer peer(bound_port());
    peer.send(register_request(kUrl, ""));
    peer.finish_sending();
    EXPECT_EQ(peer.status(), 200U);
    EXPECT_TRUE(peer.ends());
    EXPECT_EQ(counted("dropped-closed"), 0U);
}

TEST_F(RegistrationTest, DropsAPeerThatEndsInTheMiddle) {
    for (const char* beginning : {"", "R", "REGISTER rtsp://camera/x RTSP/1.0\r\n"}) {
        Peer peer(bound_port());
        peer.send(beginning);
        peer.finish_sending();
        EXPECT_TRUE(peer.ends());
    }
    EXPECT_TRUE(eventually([this] { return counted("dropped-closed") == 3; }));
    EXPECT_EQ(counted("pending"), 0U);
    EXPECT_TRUE(calls().empty());
}

TEST_F(RegistrationTest, AnswersGarbageWith400AndCloses) {
    const std::vector<std::string> requests{
        "REGISTER garbage\r\n\r\n",
        "REGISTER rtsp://camera/x RTSP/1.0\r\n\r\n",
        "REGISTER rtsp://camera/x RTSP/1.0\nCSeq: 1\n\n",
        std::string("REGISTER \0\1\2\r\n\r\n", 16),
        "DEREGISTER rtsp://camera/x RTSP/1.0\r\nCSeq: 1\r\nContent-Length: 9\r\n\r\n",
    };
    for (const std::string& request : requests) {
        Peer peer(bound_port());
        peer.send(request);
        EXPECT_EQ(peer.status(), 400U) << request;
        EXPECT_TRUE(peer.ends()) << request;
    }
    EXPECT_EQ(counted("refused-malformed"), requests.size());
    EXPECT_TRUE(calls().empty());
}

TEST_F(RegistrationTest, AnswersMalformedRequestsWithTheirCseq) {
    Peer peer(bound_port());
    peer.send("REGISTER rtsp://camera/x RTSP/3.0\r\nCSeq: 77\r\n\r\n");
    EXPECT_EQ(header_of(peer.response(), "CSeq"), "77");
}

TEST_F(RegistrationTest, RefusesOversizedHeadersWhetherTheyEndOrNot) {
    set("max-header-bytes", "1024");
    for (const char* end : {"", "\r\n\r\n"}) {
        Peer peer(bound_port());
        peer.send(register_request(kUrl, "").substr(0, 60) + std::string(2000, 'x') + end);
        EXPECT_EQ(peer.status(), 400U);
        EXPECT_TRUE(peer.ends());
    }
    const std::string padding(1024 - register_request(kUrl, "").size() - 5, 'x');
    const std::string fits = register_request(kUrl, "", "X: " + padding + "\r\n");
    ASSERT_EQ(fits.size(), 1024U);
    EXPECT_EQ(ask(fits), 200U);
}

TEST_F(RegistrationTest, RefusesBadSuffixesAndUrlsButGoesOn) {
    Peer peer(bound_port());
    for (const char* suffix : {"", "..", "a/b", "/", "a%20b", "a b"}) {
        peer.send(register_request(kUrl, std::string("proxy_url_suffix=") + suffix));
        EXPECT_EQ(peer.status(), 400U) << suffix;
    }
    peer.send(register_request("file:///etc/passwd", ""));
    EXPECT_EQ(peer.status(), 400U);
    peer.send(register_request(kUrl, "proxy_url_suffix=good"));
    EXPECT_EQ(peer.status(), 200U);
    EXPECT_EQ(calls().size(), 1U);
}

TEST_F(RegistrationTest, WhenDisabledAnswers405AndStillPassesOthersOn) {
    set("enabled", "false");
    Peer peer(bound_port());
    peer.send(register_request(kUrl, ""));
    const std::string response = peer.response();
    EXPECT_TRUE(response.starts_with("RTSP/1.0 405 Method Not Allowed\r\nCSeq: 2\r\n")) << response;
    EXPECT_NE(header_of(response, "Allow").find("DESCRIBE"), std::string::npos);
    peer.send("OPTIONS * RTSP/1.0\r\nCSeq: 3\r\n\r\n");
    ASSERT_TRUE(wait_calls(1));
    EXPECT_EQ(calls().at(0).signal, "connection");
    set("enabled", "true");
    EXPECT_EQ(ask(register_request(kUrl, "")), 200U);
}

TEST_F(RegistrationTest, FiftyDevicesRegisterAtOnce) {
    constexpr unsigned kDevices = 50;
    std::atomic<unsigned> registered{0};
    {
        std::vector<std::jthread> devices;
        for (unsigned i = 0; i < kDevices; ++i)
            devices.emplace_back([this, i, &registered] {
                if (ask(register_request(kUrl, "proxy_url_suffix=d" + std::to_string(i))) == 200)
                    ++registered;
            });
    }
    EXPECT_EQ(registered, kDevices);
    EXPECT_EQ(calls().size(), kDevices);
}

using UnhandledTest = DoorTest;

TEST_F(UnhandledTest, WithoutHandlersRegistrationsAreAcceptedAndPosted) {
    ASSERT_TRUE(open());
    EXPECT_EQ(ask(register_request(kUrl, "reuse_connection")), 200U);
    const auto message = wait_message(GST_MESSAGE_ELEMENT);
    ASSERT_TRUE(message);
    gboolean reuse = FALSE;
    EXPECT_TRUE(gst_structure_get_boolean(gst_message_get_structure(message.get()),
                                          "reuse-connection", &reuse));
    EXPECT_TRUE(reuse);
}

} // namespace
} // namespace rtspproxy::tests
