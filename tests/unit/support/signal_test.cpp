#include "plugins/support/signal.hpp"

#include <gtest/gtest.h>

#include <utility>

namespace rtspproxy::tests {
namespace {

class SignalConnectionTest : public ::testing::Test {
  protected:
    [[nodiscard]] SignalConnection connect() {
        return {
            object_.get(), "notify::name",
            G_CALLBACK(+[](GObject*, GParamSpec*, gpointer count) { ++*static_cast<int*>(count); }),
            &count_};
    }
    // How often the handler ran since the last call.
    int emit() {
        count_ = 0;
        g_object_notify(G_OBJECT(object_.get()), "name");
        return count_;
    }

    Ref<GstElement> object_ = Ref<GstElement>::sink(gst_pipeline_new(nullptr));
    int count_ = 0;
};

TEST_F(SignalConnectionTest, EndsWithItsOwner) {
    {
        const SignalConnection connection = connect();
        EXPECT_EQ(emit(), 1);
    }
    EXPECT_EQ(emit(), 0);
    EXPECT_EQ(G_OBJECT(object_.get())->ref_count, 1U);
}

TEST_F(SignalConnectionTest, KeepsItsObjectAlive) {
    gpointer weak = object_.get();
    g_object_add_weak_pointer(G_OBJECT(weak), &weak);
    {
        const SignalConnection connection = connect();
        object_.reset();
        EXPECT_NE(weak, nullptr);
    }
    EXPECT_EQ(weak, nullptr);
}

TEST_F(SignalConnectionTest, MovesWithoutConnectingTwice) {
    SignalConnection first = connect();
    SignalConnection second(std::move(first));
    EXPECT_EQ(emit(), 1);
    first.disconnect(); // NOLINT(bugprone-use-after-move): moved-from ones have nothing to end
    EXPECT_EQ(emit(), 1);
    first = std::move(second);
    EXPECT_EQ(emit(), 1);
    first.disconnect();
    first.disconnect();
    EXPECT_EQ(emit(), 0);
}

TEST_F(SignalConnectionTest, AssignmentEndsTheOldOne) {
    SignalConnection connection = connect();
    connection = connect();
    EXPECT_EQ(emit(), 1);
    connection = SignalConnection();
    EXPECT_EQ(emit(), 0);
}

TEST_F(SignalConnectionTest, AHandlerThatIsGoneAlreadyIsNoError) {
    SignalConnection connection = connect();
    g_signal_handlers_disconnect_by_data(object_.get(), &count_);
    connection.disconnect();
    EXPECT_EQ(emit(), 0);
}

} // namespace
} // namespace rtspproxy::tests
