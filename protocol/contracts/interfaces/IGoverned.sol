// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice What every contract under governance refuses.
interface IGoverned {
    error ZeroAddress();
}
