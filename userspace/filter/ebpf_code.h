// SPDX-License-Identifier: Apache-2.0
// eBPF instructions in the making: one function for each that translate.cpp needs, jumps
// to labels, and finish(), which drops what cannot be reached (the verifier refuses it).
// Knows nothing of filters.
#pragma once

#include "core/result.h"

#include <linux/bpf.h>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace tcptrace {

// What <linux/bpf.h> calls BPF_REG_0 ... BPF_REG_10.
enum class Register : std::uint8_t { R0, R1, R2, R3, R4, R5, R6, R7, R8, R9, Frame };

class EbpfCode {
public:
    class Label {
        friend class EbpfCode;
        explicit Label(std::size_t index) : index_(index) {}
        std::size_t index_;
    };

    [[nodiscard]] Label label();
    void place(Label label);

    // Arithmetic: `operation` is BPF_ADD and the like, BPF_MOV too. Of 64 bits, or of 32,
    // which clear the upper half.
    void alu64(std::uint8_t operation, Register to, std::int32_t value);
    void alu64(std::uint8_t operation, Register to, Register from);
    void alu32(std::uint8_t operation, Register to, std::uint32_t value);
    void alu32(std::uint8_t operation, Register to, Register from);
    void from_big_endian(Register value, unsigned bytes);

    // Memory: of 1, 2, 4 or 8 bytes.
    void load(unsigned bytes, Register to, Register base, std::int16_t offset);
    void store(unsigned bytes, Register base, std::int16_t offset, Register from);
    void store(unsigned bytes, Register base, std::int16_t offset, std::int32_t value);
    void load_map(Register to, int map);

    void jump(Label to);
    // `test` is BPF_JEQ and the like, on 64 bits (the value is sign-extended) or on 32.
    void jump64_if(std::uint8_t test, Register left, std::int32_t right, Label to);
    void jump64_if(std::uint8_t test, Register left, Register right, Label to);
    void jump32_if(std::uint8_t test, Register left, std::uint32_t right, Label to);
    void jump32_if(std::uint8_t test, Register left, Register right, Label to);
    void call(std::uint32_t helper);
    void exit();

    // An Error where a jump does not fit into its 16 bits.
    [[nodiscard]] Result<std::vector<bpf_insn>> finish() const;

private:
    struct Step {
        bpf_insn instruction;
        std::int64_t target = -1; // label, for jumps
    };
    void add(unsigned code, Register to, Register from, std::int16_t offset, std::int32_t value,
             std::int64_t target = -1);
    [[nodiscard]] std::vector<bool> reachable() const;

    std::vector<Step> steps_;         // a load_map() is two
    std::vector<std::size_t> places_; // of labels, in steps_
};

} // namespace tcptrace
