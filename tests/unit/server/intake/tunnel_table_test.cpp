#include "app/server/intake/tunnel_table.hpp"

#include <gtest/gtest.h>

namespace rtspproxy::server {
namespace {

class TunnelTableTest : public testing::Test {
  protected:
    static std::shared_ptr<TunnelMailbox> mailbox() { return std::make_shared<TunnelMailbox>(); }
    static TunnelPost post(std::uint8_t mark) { return {nullptr, nullptr, {mark}}; }

    TunnelTable table_;
    std::shared_ptr<TunnelMailbox> get_ = mailbox(), post_ = mailbox();
};

TEST_F(TunnelTableTest, BringsTheHalvesTogetherInEitherOrder) {
    ASSERT_TRUE(table_.open("a", get_));
    table_.join("a", post(1), post_);
    EXPECT_TRUE(post_->moved());
    ASSERT_TRUE(get_->waits());
    EXPECT_EQ(get_->take_post()->rest.at(0), 1);
    EXPECT_FALSE(get_->waits());
    const auto other_get = mailbox(), other_post = mailbox();
    table_.join("b", post(2), other_post);
    EXPECT_FALSE(other_post->moved());
    ASSERT_TRUE(table_.open("b", other_get));
    EXPECT_TRUE(other_post->moved());
    EXPECT_EQ(other_get->take_post()->rest.at(0), 2);
}

TEST_F(TunnelTableTest, ACookieHasOneGet) {
    ASSERT_TRUE(table_.open("a", get_));
    const auto second = mailbox();
    EXPECT_FALSE(table_.open("a", second));
    table_.leave("a", second); // it was never in
    EXPECT_FALSE(table_.open("a", second));
    table_.leave("a", get_);
    EXPECT_TRUE(table_.open("a", second));
}

TEST_F(TunnelTableTest, ALaterPostReplacesOneThatWaits) {
    table_.join("a", post(1), post_);
    const auto second = mailbox();
    table_.join("a", post(2), second);
    EXPECT_TRUE(post_->moved());
    table_.leave("a", post_); // says nothing about the second
    ASSERT_TRUE(table_.open("a", get_));
    EXPECT_EQ(get_->take_post()->rest.at(0), 2);
}

TEST_F(TunnelTableTest, ForgetsAPostThatHasLeft) {
    table_.join("a", post(1), post_);
    table_.leave("a", post_);
    ASSERT_TRUE(table_.open("a", get_));
    EXPECT_FALSE(get_->take_post());
}

} // namespace
} // namespace rtspproxy::server
