// A conversation over a tap: rtspsrc's reads and writes on one side, a camera's end on the other.
#include "tests/unit/backend/tap/tap_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace rtspproxy::backend::tests {
namespace {

std::string as_text(const Bytes& bytes) {
    return {bytes.begin(), bytes.end()};
}

const std::string kOptions = "OPTIONS rtsp://camera/live RTSP/1.0\r\nCSeq: 1\r\n\r\n";
const std::string kOk = "RTSP/1.0 200 OK\r\nCSeq: 1\r\n\r\n";

// Sends a request again without its password until it was accepted.
struct AsksTwice : exchange::Rule {
    exchange::Verdict on_answer(exchange::Request&, exchange::Message& answer) override {
        return answer.status == 401 ? exchange::Verdict::Resend : exchange::Verdict::Pass;
    }
};

struct AnswersItself : exchange::Rule {
    std::optional<exchange::Message> on_request(exchange::Request&) override {
        return exchange::Message::answer(200, "OK");
    }
};

class ConversationTest : public TapTest {
  protected:
    ConversationTest() {
        connection_ = Ref<GSocketConnection>::adopt(
            g_socket_connection_factory_create_connection(socket_.get()));
        tap_ = Tap::create(socket_.get(), Ref<GOutputStream>::share(g_io_stream_get_output_stream(
                                              G_IO_STREAM(connection_.get()))));
    }
    void converse(std::unique_ptr<exchange::Rule> rule = nullptr) {
        exchange::Rules rules;
        if (rule)
            rules.push_back(std::move(rule));
        Tap::claim_newest(ledger_, [&](Ref<GOutputStream> out) {
            return conversation_ = std::make_shared<Conversation>(
                       std::make_unique<exchange::Exchange>(std::move(rules)), std::move(out),
                       std::make_shared<Ledger>(), "test");
        });
    }
    void write(const std::string& bytes) {
        ASSERT_EQ(tap_->write({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()},
                              true, nullptr, nullptr),
                  static_cast<gssize>(bytes.size()));
    }
    std::string received() {
        std::string bytes(100000, '\0');
        const ssize_t got = recv(camera_.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
        bytes.resize(static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
        return bytes;
    }

    Ref<GSocketConnection> connection_;
    std::shared_ptr<Conversation> conversation_;
};

TEST_F(ConversationTest, AnUnclaimedConnectionIsWrittenToAsItIs) {
    write("\x16\x03 anything");
    EXPECT_EQ(received(), "\x16\x03 anything");
    converse(); // too late: it bears something else
    EXPECT_FALSE(conversation_);
    write(kOptions + "...");
    EXPECT_EQ(received(), kOptions + "...");
}

TEST_F(ConversationTest, PassesMessagesBothWays) {
    converse();
    write(kOptions);
    EXPECT_EQ(received(), kOptions);
    send(text(kOk));
    EXPECT_EQ(as_text(read_all()), kOk);
}

TEST_F(ConversationTest, AMessageMayBeWrittenAndReadInAnyParts) {
    converse();
    std::string request = kOptions;
    request.insert(request.size() - 2, "Content-Length: 4\r\n");
    for (const char character : request + "$$$$")
        write(std::string(1, character));
    EXPECT_EQ(received(), request + "$$$$");
    for (const char character : kOk) {
        EXPECT_TRUE(read_all().empty()); // not before it is complete
        send(Bytes{static_cast<std::uint8_t>(character)});
    }
    EXPECT_EQ(as_text(read_all(3)), kOk);
}

TEST_F(ConversationTest, FramesPassAmongTheMessages) {
    converse();
    const std::string report = as_text(frame(1, Bytes(30, 0xc9)));
    write(report.substr(0, 4)); // as rtspsrc does it
    EXPECT_EQ(received(), "");
    write(report.substr(4));
    write(report + kOptions + report);
    EXPECT_EQ(received(), report + report + kOptions + report);
    const Bytes theirs = frame(1, Bytes{0x80, 200, 0, 1, 0, 0, 0, 0});
    send(theirs + text(kOk) + theirs);
    EXPECT_EQ(read_all(), theirs + text(kOk) + theirs);
}

TEST_F(ConversationTest, SendsAgainFromTheReadersThread) {
    converse(std::make_unique<AsksTwice>());
    write(kOptions);
    received();
    send(text("RTSP/1.0 401 Unauthorized\r\n\r\n"));
    EXPECT_TRUE(read_all().empty());
    EXPECT_EQ(received(), "OPTIONS rtsp://camera/live RTSP/1.0\r\nCSeq: 2\r\n\r\n");
    send(text("RTSP/1.0 200 OK\r\nCSeq: 2\r\n\r\n"));
    EXPECT_EQ(as_text(read_all()), kOk);
}

TEST_F(ConversationTest, AnAnswerOfOursCanBeRead) {
    converse(std::make_unique<AnswersItself>());
    EXPECT_FALSE(tap_->pending());
    write(kOptions);
    EXPECT_EQ(received(), "");
    EXPECT_TRUE(tap_->pending());
    Bytes out(1000);
    const gssize got = read(out, true);
    ASSERT_EQ(got, static_cast<gssize>(kOk.size()));
    EXPECT_FALSE(tap_->pending());
}

TEST_F(ConversationTest, AsksByItself) {
    converse();
    EXPECT_TRUE(conversation_->ask(exchange::Message::request("OPTIONS", "rtsp://camera/live")));
    EXPECT_EQ(received(), kOptions);
    send(text(kOk));
    EXPECT_TRUE(read_all().empty());
}

TEST_F(ConversationTest, NothingIsSentOnceItIsClosed) {
    converse();
    tap_->close();
    EXPECT_FALSE(conversation_->ask(exchange::Message::request("OPTIONS", "*")));
    EXPECT_EQ(received(), "");
    EXPECT_EQ(tap_->write(Bytes(kOptions.begin(), kOptions.end()), true, nullptr, nullptr), -1);
}

} // namespace
} // namespace rtspproxy::backend::tests
