// Who may register.
#include "tests/element/registration/door_fixture.hpp"
#include "tests/support/answer.hpp"

#include <gtest/gtest.h>

namespace rtspproxy::tests {
namespace {

constexpr const char* kUrl = "rtsp://camera.example/stream";

class LoginTest : public DoorTest {
  protected:
    LoginTest() {
        handle_registrations();
        EXPECT_TRUE(open());
    }
    void add_user(const char* user, const char* password) {
        g_signal_emit_by_name(element_.get(), "add-user", user, password);
    }
    // Logs in as a client does: asks, is challenged, answers on the same connection.
    unsigned log_in(Peer& peer, const auth::Account& account,
                    const std::string& method = "REGISTER") {
        peer.send(register_request(kUrl, "", "", method));
        const std::string challenge = header_of(peer.response(), "WWW-Authenticate");
        const auto answer = answer_challenge(challenge, account, method, kUrl);
        if (answer.empty())
            return 0;
        peer.send(register_request(kUrl, "", "Authorization: " + answer + "\r\n", method));
        return peer.status();
    }
    unsigned log_in(const auth::Account& account, const std::string& method = "REGISTER") {
        Peer peer(bound_port());
        return log_in(peer, account, method);
    }
};

TEST_F(LoginTest, ChallengesBothCommandsAndTellsNobodyBefore) {
    add_user("carol", "secret");
    for (const char* method : {"REGISTER", "DEREGISTER"}) {
        Peer peer(bound_port());
        peer.send(register_request("rtsp:bad", "proxy_url_suffix=../bad", "", method));
        const std::string response = peer.response();
        EXPECT_TRUE(response.starts_with("RTSP/1.0 401 Unauthorized\r\nCSeq: 2\r\n")) << response;
        EXPECT_TRUE(header_of(response, "WWW-Authenticate").starts_with("Digest realm=\""));
    }
    EXPECT_TRUE(calls().empty());
    EXPECT_EQ(log_in({"carol", "secret"}), 200U);
    EXPECT_EQ(log_in({"carol", "secret"}, "DEREGISTER"), 200U);
    EXPECT_EQ(calls().size(), 2U);
}

TEST_F(LoginTest, TakesSeveralUsersAndTheOneOfTheProperties) {
    add_user("carol", "secret");
    add_user("dave", "");
    set("user", "erin");
    set("password", "word");
    EXPECT_EQ(log_in({"carol", "secret"}), 200U);
    EXPECT_EQ(log_in({"dave", ""}), 200U);
    EXPECT_EQ(log_in({"erin", "word"}), 200U);
    EXPECT_EQ(log_in({"erin", "secret"}), 401U);
    set("user", "");
    EXPECT_EQ(log_in({"erin", "word"}), 401U);
    EXPECT_EQ(log_in({"carol", "secret"}), 200U);
}

TEST_F(LoginTest, ForgetsUsers) {
    add_user("carol", "secret");
    g_signal_emit_by_name(element_.get(), "clear-users");
    EXPECT_EQ(ask(register_request(kUrl, "")), 200U);
}

TEST_F(LoginTest, AnAnswerIsGoodOnlyOnItsOwnConnection) {
    add_user("carol", "secret");
    Peer first(bound_port());
    first.send(register_request(kUrl, ""));
    const auto answer = answer_challenge(header_of(first.response(), "WWW-Authenticate"),
                                         {"carol", "secret"}, "REGISTER", kUrl);
    ASSERT_FALSE(answer.empty());
    const std::string request = register_request(kUrl, "", "Authorization: " + answer + "\r\n");
    Peer second(bound_port());
    second.send(request);
    EXPECT_TRUE(header_of(second.response(), "WWW-Authenticate").ends_with("stale=true"));
    first.send(request);
    EXPECT_EQ(first.status(), 200U);
}

TEST_F(LoginTest, LocksAnAddressOutThatGuesses) {
    add_user("carol", "secret");
    set("max-login-failures", "3");
    Peer peer(bound_port());
    for (int i = 0; i < 3; ++i)
        EXPECT_EQ(log_in(peer, {"carol", "guess"}), 401U);
    EXPECT_EQ(ask(register_request(kUrl, "")), 403U);
    EXPECT_EQ(counted("refused-login"), 3U);
    EXPECT_EQ(counted("refused-locked-out"), 1U);
    Peer other(bound_port(), "127.0.0.1", "127.0.0.2");
    EXPECT_EQ(log_in(other, {"carol", "secret"}), 200U);
}

TEST_F(LoginTest, PasswordsCannotBeRead) {
    GParamSpec* spec = g_object_class_find_property(G_OBJECT_GET_CLASS(element_.get()), "password");
    ASSERT_NE(spec, nullptr);
    EXPECT_EQ(spec->flags & G_PARAM_READABLE, 0U);
}

TEST_F(LoginTest, TheRealmIsSettable) {
    add_user("carol", "secret");
    set("realm", "the \"garden\"");
    Peer peer(bound_port());
    peer.send(register_request(kUrl, ""));
    EXPECT_TRUE(header_of(peer.response(), "WWW-Authenticate")
                    .starts_with("Digest realm=\"the \\\"garden\\\"\", nonce="));
    EXPECT_EQ(log_in({"carol", "secret"}), 200U);
}

} // namespace
} // namespace rtspproxy::tests
