// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice Which contributions each settled answer drew on, open to challenge before it pays.
interface IAttributionLedger {
    enum BatchStatus { None, Posted, Finalized, Revoked }

    /// @notice Governance allowed (or withdrew) an attribution method with its parameters, described at `uri`.
    event AlgorithmSet(bytes32 indexed algorithmId, bool active, string uri, bytes32 uriHash);
    event AttributionBatchPosted(
        uint256 indexed batchId,
        address indexed worker,
        bytes32 indexed algorithmId,
        bytes32 root,
        bytes32 evidenceHash,
        string uri,
        uint32 requests,
        uint64 challengeDeadline
    );
    event InferenceAttributed(
        bytes32 indexed requestId,
        uint256 indexed batchId,
        uint256 indexed modelId,
        uint256[] contributionIds,
        uint96[] amounts,
        uint96 unattributed
    );
    event AttributionBatchFinalized(uint256 indexed batchId);
    event AttributionBatchRevoked(uint256 indexed batchId, uint256 disputeId);
}
