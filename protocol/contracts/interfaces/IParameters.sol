// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice What every contract that governance tunes can announce.
interface IParameters {
    /// @notice A governed number changed. `parameter` is keccak256 of its name, e.g. keccak256("CHALLENGE_WINDOW").
    event ParameterUpdated(bytes32 indexed parameter, uint256 oldValue, uint256 newValue);

    /// @notice The value lies outside what the contract can honour.
    error ParameterOutOfRange(bytes32 parameter, uint256 value, uint256 minimum, uint256 maximum);
}
