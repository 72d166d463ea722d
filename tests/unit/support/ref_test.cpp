#include "plugins/support/ref.hpp"

#include <gtest/gtest.h>

#include <utility>

namespace rtspproxy::tests {
namespace {

gint references(GstBuffer* buffer) {
    return GST_MINI_OBJECT_REFCOUNT_VALUE(buffer);
}
guint references(gpointer object) {
    return G_OBJECT(object)->ref_count;
}

TEST(Ref, AdoptTakesTheReferenceOver) {
    GstBuffer* const raw = gst_buffer_new();
    gst_buffer_ref(raw);
    {
        const auto ref = Ref<GstBuffer>::adopt(raw);
        EXPECT_EQ(ref.get(), raw);
        EXPECT_EQ(references(raw), 2);
    }
    EXPECT_EQ(references(raw), 1);
    gst_buffer_unref(raw);
}

TEST(Ref, ShareTakesOneOfItsOwn) {
    const auto owner = Ref<GstBuffer>::adopt(gst_buffer_new());
    {
        const auto shared = Ref<GstBuffer>::share(owner.get());
        EXPECT_EQ(references(owner.get()), 2);
        EXPECT_EQ(shared, owner);
    }
    EXPECT_EQ(references(owner.get()), 1);
}

TEST(Ref, SinkTakesAFloatingReference) {
    GstElement* const raw = gst_pipeline_new(nullptr);
    ASSERT_TRUE(g_object_is_floating(raw));
    const auto ref = Ref<GstElement>::sink(raw);
    EXPECT_FALSE(g_object_is_floating(raw));
    EXPECT_EQ(references(raw), 1U);
    // One that somebody has sunk already is shared.
    const auto second = Ref<GstElement>::sink(raw);
    EXPECT_EQ(references(raw), 2U);
}

TEST(Ref, LastOneFreesTheObject) {
    gpointer weak = gst_pipeline_new(nullptr);
    g_object_add_weak_pointer(G_OBJECT(weak), &weak);
    auto ref = Ref<GstElement>::sink(GST_ELEMENT(weak));
    auto copy = ref;
    ref.reset();
    EXPECT_FALSE(ref);
    EXPECT_NE(weak, nullptr);
    copy.reset();
    EXPECT_EQ(weak, nullptr);
    copy.reset(); // and once more does nothing
}

TEST(Ref, CopiesCountAndMovesDoNot) {
    auto first = Ref<GstCaps>::adopt(gst_caps_new_empty());
    GstCaps* const raw = first.get();
    const auto count = [raw] { return GST_MINI_OBJECT_REFCOUNT_VALUE(raw); };
    Ref<GstCaps> copy(first);
    EXPECT_EQ(count(), 2);
    Ref<GstCaps> moved(std::move(copy));
    EXPECT_EQ(count(), 2);
    EXPECT_FALSE(copy); // NOLINT(bugprone-use-after-move): that is what is tested
    copy = std::move(moved);
    EXPECT_EQ(count(), 2);
    copy = first; // the same object
    EXPECT_EQ(count(), 2);
    copy = nullptr;
    EXPECT_EQ(count(), 1);
}

TEST(Ref, AssigningItselfKeepsTheObject) {
    auto ref = Ref<GstBuffer>::adopt(gst_buffer_new());
    auto& alias = ref;
    ref = alias;
    ASSERT_TRUE(ref);
    EXPECT_EQ(references(ref.get()), 1);
    ref = std::move(alias);
    ASSERT_TRUE(ref);
    EXPECT_EQ(references(ref.get()), 1);
}

TEST(Ref, AssignmentLetsTheOldObjectGo) {
    const auto keep = Ref<GstBuffer>::adopt(gst_buffer_new());
    auto ref = keep;
    ref = Ref<GstBuffer>::adopt(gst_buffer_new());
    EXPECT_EQ(references(keep.get()), 1);
    EXPECT_EQ(references(ref.get()), 1);
}

TEST(Ref, ReleaseHandsTheReferenceOn) {
    auto ref = Ref<GstBuffer>::adopt(gst_buffer_new());
    GstBuffer* const raw = ref.release();
    EXPECT_FALSE(ref);
    EXPECT_EQ(references(raw), 1);
    gst_buffer_unref(raw);
    EXPECT_EQ(Ref<GstBuffer>().release(), nullptr);
}

TEST(Ref, NothingIsNothing) {
    const Ref<GstElement> none;
    EXPECT_FALSE(none);
    EXPECT_EQ(none.get(), nullptr);
    EXPECT_FALSE(Ref<GstElement>::adopt(nullptr));
    EXPECT_FALSE(Ref<GstElement>::share(nullptr));
    EXPECT_FALSE(Ref<GstElement>::sink(nullptr));
    EXPECT_EQ(none, Ref<GstElement>(nullptr));
    const Ref<GstElement> copy(none); // NOLINT(performance-unnecessary-copy-initialization)
    EXPECT_FALSE(copy);
}

TEST(Ref, CountsContextsAndLoops) {
    auto context = Ref<GMainContext>::adopt(g_main_context_new());
    auto loop = Ref<GMainLoop>::adopt(g_main_loop_new(context.get(), FALSE));
    const auto same_loop = loop;
    const auto same_context = Ref<GMainContext>::share(context.get());
    loop.reset();
    context.reset();
    EXPECT_EQ(g_main_loop_get_context(same_loop.get()), same_context.get());
}

} // namespace
} // namespace rtspproxy::tests
