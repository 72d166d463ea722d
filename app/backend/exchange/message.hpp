// Message: an RTSP message in its parts. Read leniently, for cameras write what they like; written
// strictly, for rtspsrc and cameras read what they like.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rtspproxy::backend::exchange {

struct Message {
    struct Header {
        std::string name, value;
        bool operator==(const Header&) const = default;
    };

    [[nodiscard]] static Message request(std::string method, std::string url);
    [[nodiscard]] static Message answer(int status, std::string reason);
    // A whole message. Whatever it is, something comes out; what is no header line is left out.
    [[nodiscard]] static Message parse(std::string_view text);
    // Lines end with CR LF, and Content-Length is that of the body.
    [[nodiscard]] std::string text() const;

    [[nodiscard]] bool is_answer() const { return method.empty(); }
    // The value of the first header of that name, in any case of letters; nullptr if there is none.
    [[nodiscard]] const std::string* find(std::string_view name) const;
    [[nodiscard]] std::string value_or(std::string_view name, std::string_view other) const;
    // Puts this one header in the place of all of that name, or behind the others.
    void set(std::string_view name, std::string value);
    void add(std::string name, std::string value);
    void remove(std::string_view name);

    bool operator==(const Message&) const = default;

    std::string method, url; // of a request
    int status = 0;          // of an answer; 0 if what stood there is no number
    std::string reason;
    std::vector<Header> headers; // without Content-Length
    std::string body;
};

// Without blanks at both ends.
[[nodiscard]] std::string_view trim(std::string_view text);
[[nodiscard]] bool equals_ignoring_case(std::string_view left, std::string_view right);
[[nodiscard]] bool starts_ignoring_case(std::string_view text, std::string_view prefix);
// A whole string of at most nine decimal digits.
[[nodiscard]] std::optional<unsigned> parse_number(std::string_view text);

} // namespace rtspproxy::backend::exchange
