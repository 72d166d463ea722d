#include "plugins/support/main_context.hpp"

#include "tests/support/deadline.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <thread>

namespace rtspproxy::tests {
namespace {

class OwnContext : public testing::Test {
  protected:
    void iterate() {
        while (g_main_context_iteration(context_.get(), FALSE) != FALSE) {
        }
    }
    const Ref<GMainContext> context_ = Ref<GMainContext>::adopt(g_main_context_new());
};

TEST_F(OwnContext, RunsWhatIsPostedLaterAndOnceAndInOrder) {
    std::string order;
    post_to(
        context_.get(), [&order] { order += 'c'; }, G_PRIORITY_LOW);
    std::thread([&] {
        for (const char name : {'a', 'b'})
            post_to(context_.get(), [&order, name] { order += name; });
    }).join();
    EXPECT_EQ(order, "");
    iterate();
    EXPECT_EQ(order, "abc");
    iterate();
    EXPECT_EQ(order, "abc");
}

TEST_F(OwnContext, IsTheCurrentOneWhileItsCallbacksRun) {
    EXPECT_EQ(current_context().get(), g_main_context_default());
    Ref<GMainContext> seen;
    post_to(context_.get(), [&seen] { seen = current_context(); });
    iterate();
    EXPECT_EQ(seen, context_);
}

TEST_F(OwnContext, FreesWhatItNeverRan) {
    const auto owned = std::make_shared<int>(1);
    {
        const auto short_lived = Ref<GMainContext>::adopt(g_main_context_new());
        post_to(short_lived.get(), [owned] {});
        EXPECT_EQ(owned.use_count(), 2);
    }
    EXPECT_EQ(owned.use_count(), 1);
}

} // namespace
} // namespace rtspproxy::tests
