// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice Contributors' pay: epochs, cumulative Merkle roots behind a timelock, and claims.
interface IRewardDistributor {
    event EpochClosed(uint256 indexed epochId, uint64 start, uint64 end, uint256 total);
    event RootProposed(uint256 indexed epochId, bytes32 indexed root, bytes32 ipfsHash, string uri, uint64 validAt);
    event RootRevoked(uint256 indexed epochId, bytes32 indexed root);
    event RootAccepted(uint256 indexed epochId, bytes32 indexed root);
    event Claimed(address indexed account, uint256 amount, uint256 cumulative);
}
