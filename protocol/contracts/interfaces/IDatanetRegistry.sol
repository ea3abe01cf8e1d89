// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice Datanets, the contributions inside them, their blind review, their published versions and who may read them.
interface IDatanetRegistry {
    enum DatanetStatus { None, Active, Paused, Archived }
    enum Visibility { Public, Private }
    enum ContributionStatus { None, Pending, Accepted, Rejected, Revoked }

    event DatanetCreated(uint256 indexed datanetId, address indexed owner, string name, string uri, bytes32 uriHash, uint8 visibility);
    event DatanetMetadataUpdated(uint256 indexed datanetId, string uri, bytes32 uriHash);
    event DatanetStatusUpdated(uint256 indexed datanetId, uint8 oldStatus, uint8 newStatus);
    event DatanetOwnershipTransferred(uint256 indexed datanetId, address indexed from, address indexed to);
    event DatanetRulesUpdated(uint256 indexed datanetId, uint256 minBond, uint256 scoreThreshold, uint16 quorum, uint64 reviewWindow);
    event ValidatorSet(uint256 indexed datanetId, address indexed validator, bool active);
    event RelayerAuthorized(address indexed account, address indexed relayer, uint64 expiresAt);
    event RelayerRevoked(address indexed account, address indexed relayer);
    event ContributionSubmitted(
        uint256 indexed contributionId,
        uint256 indexed datanetId,
        address indexed contributor,
        address relayer,
        bytes32 contentHash,
        string uri,
        bytes32 licenseId,
        uint64 rows,
        uint256 bond
    );
    event ScoreCommitted(uint256 indexed contributionId, address indexed validator, bytes32 commitment);
    event ContributionScored(
        uint256 indexed contributionId, uint256 indexed datanetId, address indexed validator, uint256 score, bytes32 evidenceHash
    );
    event ContributionAccepted(uint256 indexed contributionId, uint256 indexed datanetId, address indexed contributor, uint256 score);
    event ContributionRejected(uint256 indexed contributionId, uint256 indexed datanetId, address indexed contributor, bytes32 reason);
    event ContributionRevoked(uint256 indexed contributionId, uint256 indexed datanetId, bytes32 reason);
    event DatanetVersionPublished(
        uint256 indexed datanetId, uint32 indexed version, bytes32 dataRoot, uint64 contributions, uint64 rows, string uri
    );
    event AccessRequested(uint256 indexed datanetId, address indexed grantee, string purpose);
    event AccessGranted(uint256 indexed datanetId, address indexed grantee, uint64 expiresAt);
    event AccessRevoked(uint256 indexed datanetId, address indexed grantee);
}
