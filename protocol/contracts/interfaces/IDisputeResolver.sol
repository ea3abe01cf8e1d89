// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice Challenges against contributions, attribution batches, reward roots and workers, judged by governance's timelock.
interface IDisputeResolver {
    enum TargetType { Contribution, AttributionBatch, RewardRoot, Worker }

    event DisputeRaised(
        uint256 indexed disputeId,
        address indexed initiator,
        uint8 indexed targetType,
        bytes32 targetId,
        bytes32 tag,
        bytes32 evidenceHash,
        string uri,
        uint256 bond,
        uint64 deadline
    );
    event DisputeCountered(uint256 indexed disputeId, address indexed by, bytes32 evidenceHash, string uri);
    event DisputeResolved(uint256 indexed disputeId, bool indexed upheld, uint256 slashed);
}
