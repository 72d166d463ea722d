#include "app/printable.hpp"

#include <gtest/gtest.h>

namespace rtspproxy::tests {
namespace {

TEST(Printable, LeavesTextAlone) {
    for (const char* text :
         {"", "404 Not Found", "caméra", "Kamera läuft", "カメラ", "\xf0\x9f\x8e\xa5", "a\\b",
          "\xc2\xa0", "\xed\x9f\xbf", "\xee\x80\x80", "\xf4\x8f\xbf\xbf"})
        EXPECT_EQ(printable(text), text);
}

TEST(Printable, EscapesEveryControlCharacterOfAscii) {
    for (int value = 0; value < 0x80; ++value) {
        const char character = static_cast<char>(value);
        const std::string shown = printable({&character, 1});
        if (value < 0x20 || value == 0x7f) {
            char expected[8];
            std::snprintf(expected, sizeof expected, "\\x%02x", static_cast<unsigned>(value));
            EXPECT_EQ(shown, expected);
        } else {
            EXPECT_EQ(shown, std::string(1, character));
        }
    }
}

// U+009B is what ESC [ is, to a terminal that reads UTF-8; the byte alone, to one that does not.
TEST(Printable, EscapesThoseOfTheSecondHalf) {
    for (unsigned value = 0x80; value < 0xa0; ++value) {
        char expected[16];
        std::snprintf(expected, sizeof expected, "\\xc2\\x%02x", value);
        EXPECT_EQ(printable(std::string("\xc2") + static_cast<char>(value)), expected);
        EXPECT_EQ(printable(std::string(1, static_cast<char>(value))), std::string(expected + 4));
    }
}

TEST(Printable, EscapesWhatIsNoUtf8) {
    EXPECT_EQ(printable("\xff"), "\\xff");
    EXPECT_EQ(printable("a\xe9z"), "a\\xe9z"); // ISO 8859-1
    EXPECT_EQ(printable("\xc3"), "\\xc3");
    EXPECT_EQ(printable("\xe2\x82"), "\\xe2\\x82");
    EXPECT_EQ(printable("\xe2\x82z"), "\\xe2\\x82z");
    EXPECT_EQ(printable("\xc0\x9b"), "\\xc0\\x9b"); // an overlong ESC-like form
    EXPECT_EQ(printable("\xc1\xbf"), "\\xc1\\xbf");
    EXPECT_EQ(printable("\xe0\x80\x9b"), "\\xe0\\x80\\x9b");
    EXPECT_EQ(printable("\xf0\x80\x80\x9b"), "\\xf0\\x80\\x80\\x9b");
    EXPECT_EQ(printable("\xed\xa0\x80"), "\\xed\\xa0\\x80");          // a surrogate
    EXPECT_EQ(printable("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80"); // beyond Unicode
    EXPECT_EQ(printable("\xf8\x88\x80\x80\x80"), "\\xf8\\x88\\x80\\x80\\x80");
}

TEST(Printable, EscapesWhatTurnsTheDirection) {
    EXPECT_EQ(printable("\xe2\x80\xae"
                        "fdp"),
              "\\xe2\\x80\\xaefdp");
    EXPECT_EQ(printable("\xe2\x81\xa6"), "\\xe2\\x81\\xa6");
    EXPECT_EQ(printable("\xe2\x80\xa8"), "\\xe2\\x80\\xa8");
    EXPECT_EQ(printable("\xe2\x80\x94"), "\xe2\x80\x94"); // a dash
}

TEST(Printable, MayBeAppliedTwice) {
    const std::string once = printable("\x1b[31m \xff \xc2\x9b");
    EXPECT_EQ(once, "\\x1b[31m \\xff \\xc2\\x9b");
    EXPECT_EQ(printable(once), once);
}

} // namespace
} // namespace rtspproxy::tests
