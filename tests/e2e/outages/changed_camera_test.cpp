// A camera that comes back as another one: what viewers can live with they never notice; what they
// cannot ends their sessions, once.
#include "tests/e2e/outages/fixture.hpp"
#include "tests/support/rtsp_connection.hpp"
#include "tests/support/sdp.hpp"

#include <gtest/gtest.h>

namespace rtspproxy::tests {
namespace {

class ChangedCamera : public OutageTest, public ::testing::WithParamInterface<Ingest> {
  protected:
    void SetUp() override {
        start_proxy(GetParam());
        start_viewers();
    }

    // Another description, and a reason to ask for it.
    void change(const std::string& command) {
        camera_.tell(command);
        camera_.tell("close");
        ASSERT_TRUE(wait_lost(1));
    }

    [[nodiscard]] std::vector<SdpMedia> served() const {
        const auto response = rtsp_request("DESCRIBE", proxy_->url());
        EXPECT_TRUE(response && response->status == 200);
        return response ? parse_sdp(response->body) : std::vector<SdpMedia>();
    }

    void expect_unnoticed() {
        ASSERT_TRUE(viewers_->wait_fed_again()) << viewers_->stats().dump();
        viewers_->expect_unharmed();
    }

    // Every viewer's session ended, once, and by a word in the stream; the next ones live.
    void expect_replaced() {
        ASSERT_TRUE(eventually([&] {
            return viewers_->stats().at("disconnects") == viewers_->clients();
        })) << viewers_->stats().dump();
        viewers_->tell("join " + std::to_string(viewers_->clients()));
        ASSERT_TRUE(viewers_->wait_fed_again()) << viewers_->stats().dump();
        const auto seen = viewers_->stats();
        EXPECT_EQ(seen.at("disconnects"), viewers_->clients()) << seen.dump();
        EXPECT_EQ(seen.at("started"), 2 * viewers_->clients()) << seen.dump();
        EXPECT_TRUE(seen.at("failed").empty()) << seen.dump();
        const auto now = counters();
        EXPECT_EQ(now.at("kicked"), viewers_->clients());
        EXPECT_GE(now.at("packets_out"), seen.at("packets")) << "what was given stays given";
    }
};

TEST_P(ChangedCamera, ByItsCodec) {
    change("sdp h265");
    expect_replaced();
    const auto media = served();
    ASSERT_EQ(media.size(), 2U);
    EXPECT_NE(media[0].rtpmap.find("H265/90000"), std::string::npos) << to_string(media);
}

TEST_P(ChangedCamera, ByItsTracks) {
    change("sdp tracks");
    expect_replaced();
    EXPECT_EQ(served().size(), 1U);
}

TEST_P(ChangedCamera, ByItsProfileAndPictureSize) {
    const auto before = served();
    change("sdp profile");
    expect_unnoticed();
    const auto after = served();
    ASSERT_EQ(after.size(), before.size());
    EXPECT_NE(after[0].fmtp, before[0].fmtp) << "those who come now get the new parameters";
    EXPECT_EQ(after[0].payload_types, before[0].payload_types);
    EXPECT_EQ(after[1], before[1]);
}

TEST_P(ChangedCamera, ByItsPayloadType) {
    const auto before = served();
    change("pt 113");
    expect_unnoticed();
    EXPECT_EQ(served(), before) << "the packets keep the payload type";
}

TEST_P(ChangedCamera, ByItsSourceInMidStream) {
    camera_.tell("ssrc");
    expect_unnoticed();
    EXPECT_EQ(counters().at("outages"), 0) << "it goes on over the same connection";
}

INSTANTIATE_TEST_SUITE_P(Ingest, ChangedCamera, ::testing::Values(Ingest::Tcp, Ingest::Udp),
                         [](const auto& test) { return std::string(to_string(test.param)); });

} // namespace
} // namespace rtspproxy::tests
