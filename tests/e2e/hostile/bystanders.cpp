#include "tests/e2e/hostile/bystanders.hpp"

#include <gtest/gtest.h>

namespace rtspproxy::tests {

void expect_whole(Swarm& viewers) {
    const auto seen = viewers.stats();
    SCOPED_TRACE(seen.dump());
    EXPECT_EQ(seen.at("playing"), viewers.clients());
    EXPECT_TRUE(seen.at("failed").empty());
    EXPECT_TRUE(seen.at("ended").empty());
    for (const char* flaw : {"disconnects", "gaps", "lost_packets", "duplicates", "reordered",
                             "ssrc_changes", "malformed", "byes"})
        EXPECT_EQ(seen.at(flaw), 0) << flaw;
}

} // namespace rtspproxy::tests
