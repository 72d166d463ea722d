#include "app/server/intake/connection_table.hpp"

#include <gtest/gtest.h>

namespace rtspproxy::server {
namespace {

using namespace std::chrono_literals;
using Crowded = ConnectionTable::Crowded;

class ConnectionTableTest : public testing::Test {
  protected:
    // Adds one that has sent a request.
    ConnectionTable::Id add_proven(const std::string& address) {
        const auto id = table_.add(address, now_);
        table_.prove(id);
        return id;
    }

    ConnectionTable table_{{.total = 4, .per_address = 2}};
    ConnectionTable::Clock::time_point now_ = ConnectionTable::Clock::now();
};

TEST_F(ConnectionTableTest, CountsUntilAConnectionIsRemoved) {
    const auto first = add_proven("a");
    add_proven("a");
    EXPECT_EQ(table_.crowded("a"), Crowded::Address);
    EXPECT_EQ(table_.crowded("b"), std::nullopt);
    EXPECT_EQ(table_.victim(Crowded::Address, "a", now_ + 1h), std::nullopt);
    table_.remove(first);
    table_.remove(first); // once is enough
    EXPECT_EQ(table_.crowded("a"), std::nullopt);
    EXPECT_EQ(table_.size(), 1U);
}

TEST_F(ConnectionTableTest, CountsAllAddressesTogether) {
    for (const char* address : {"a", "a", "b", "b"})
        add_proven(address);
    EXPECT_EQ(table_.crowded("c"), Crowded::Total);
    EXPECT_EQ(table_.victim(Crowded::Total, "c", now_ + 1h), std::nullopt);
}

TEST_F(ConnectionTableTest, LetsTheOldestGoThatHasNotSaidAnything) {
    const auto a = table_.add("a", now_);
    add_proven("b");
    const auto b = table_.add("b", now_ + 1ms);
    const auto c = table_.add("c", now_ + 2ms);
    const auto later = now_ + ConnectionTable::kGrace + 2ms;
    EXPECT_EQ(table_.victim(Crowded::Address, "b", later), b);
    EXPECT_EQ(table_.victim(Crowded::Total, "d", later), a);
    table_.prove(a);
    EXPECT_EQ(table_.victim(Crowded::Total, "d", later), b);
    table_.remove(b);
    EXPECT_EQ(table_.victim(Crowded::Total, "d", later), c);
    EXPECT_EQ(table_.victim(Crowded::Address, "unknown", later), std::nullopt);
}

TEST_F(ConnectionTableTest, LeavesEachTheTimeToSpeak) {
    table_.add("a", now_);
    table_.add("a", now_);
    EXPECT_EQ(table_.victim(Crowded::Address, "a", now_ + ConnectionTable::kGrace - 1ms),
              std::nullopt);
}

} // namespace
} // namespace rtspproxy::server
