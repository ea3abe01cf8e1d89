// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {Multicall} from "@openzeppelin/contracts/utils/Multicall.sol";
import {Nonces} from "@openzeppelin/contracts/utils/Nonces.sol";
import {Governed} from "./Governed.sol";
import {IDatanetRegistry} from "./interfaces/IDatanetRegistry.sol";
import {Parameters} from "./Parameters.sol";
import {StakeManager} from "./StakeManager.sol";

/// @notice Datanets and everything that happens inside them: contributions, blind review, versions, access.
/// @dev A review has two parts. Commit: until the quorum of validators has committed or the window has passed. Reveal:
/// one window more. When every committed score of a full quorum is revealed the median decides; a review that fails to
/// gather its quorum falls back to the datanet's owner, and a datanet with quorum 0 is curated by its owner alone.
/// A relayer carries many calls in one transaction by `multicall(bytes[])`: each call has the relayer for its sender and
/// keeps every rule of its own, and one that reverts takes the whole batch with it, its error passed on. Nothing here is
/// payable, so no ether can be counted twice.
contract DatanetRegistry is Parameters, EIP712, Nonces, Multicall, IDatanetRegistry {
    struct Datanet {
        address owner;
        DatanetStatus status;
        Visibility visibility;
        uint16 quorum;
        uint64 reviewWindow;
        uint64 scoreThreshold;
        uint64 accepted;
        uint64 acceptedRows;
        uint32 versions;
        uint256 minBond;
    }

    struct Contribution {
        address contributor;
        ContributionStatus status;
        uint16 quorum;
        uint16 commits;
        uint16 reveals;
        uint64 submittedAt;
        uint64 reviewWindow;
        uint64 revealFrom;
        uint64 scoreThreshold;
        uint64 rows;
        address relayer;
        uint256 datanetId;
        uint256 bondId;
        bytes32 contentHash;
    }

    bytes32 public constant RESOLVER_ROLE = keccak256("RESOLVER_ROLE");
    /// @notice Seconds an accepted contribution's bond stays open to disputes.
    bytes32 public constant BOND_HOLD = keccak256("BOND_HOLD");

    bytes32 public constant SCORE_BELOW_THRESHOLD = "SCORE_BELOW_THRESHOLD";

    uint256 public constant ONE = 1e18;
    uint16 public constant MAX_QUORUM = 21;
    /// @notice Most rows of one contribution, so that the sum over a datanet never runs out of its 64 bits.
    uint64 public constant MAX_ROWS = 1e12;
    uint64 public constant MAX_REVIEW_WINDOW = 90 days;
    uint256 private constant PENALTY_BOND_FACTOR = 4;
    bytes32 private constant REVEALED = bytes32(uint256(1));

    bytes32 private constant RELAYER_AUTHORIZATION_TYPEHASH =
        keccak256("RelayerAuthorization(address account,address relayer,uint64 expiresAt,uint256 nonce,uint256 deadline)");
    bytes32 private constant RELAYER_REVOCATION_TYPEHASH =
        keccak256("RelayerRevocation(address account,address relayer,uint256 nonce,uint256 deadline)");
    bytes32 private constant CONTRIBUTION_TYPEHASH = keccak256(
        "Contribution(address contributor,uint256 datanetId,bytes32 contentHash,string uri,bytes32 licenseId,uint64 rows,uint256 deadline)"
    );

    StakeManager public immutable STAKES;
    address public immutable TREASURY;

    uint256 public datanetCount;
    uint256 public contributionCount;

    mapping(uint256 datanetId => Datanet) private _datanets;
    mapping(uint256 contributionId => Contribution) private _contributions;
    mapping(uint256 contributionId => uint64[]) private _scores;
    mapping(uint256 contributionId => mapping(address validator => bytes32)) public commitments;
    mapping(uint256 datanetId => mapping(address validator => bool)) public isValidator;
    mapping(uint256 datanetId => mapping(bytes32 contentHash => uint256 contributionId)) public contributionOf;
    mapping(uint256 datanetId => mapping(uint32 version => bytes32)) public dataRoot;
    mapping(uint256 datanetId => mapping(address grantee => uint64)) public accessUntil;
    mapping(address account => mapping(address relayer => uint64)) public relayerUntil;

    error UnknownDatanet(uint256 datanetId);
    error UnknownContribution(uint256 contributionId);
    error NotDatanetOwner(uint256 datanetId, address caller);
    error DatanetNotActive(uint256 datanetId, DatanetStatus status);
    error EmptyName();
    error InvalidStatus(uint8 status);
    error InvalidRules(uint256 scoreThreshold, uint16 quorum, uint64 reviewWindow);
    error DuplicateContent(uint256 datanetId, bytes32 contentHash, uint256 contributionId);
    error EmptyContribution();
    error TooManyRows(uint64 rows, uint64 maximum);
    error NotRelayer(address account, address relayer);
    error ExpiryInPast(uint64 expiresAt);
    error SignatureExpired(uint256 deadline);
    error InvalidSignature(address signer);
    error NotValidator(uint256 datanetId, address caller);
    error OwnContribution(uint256 contributionId, address caller);
    error NotPending(uint256 contributionId, ContributionStatus status);
    error NotAccepted(uint256 contributionId, ContributionStatus status);
    error CommitClosed(uint256 contributionId);
    error AlreadyCommitted(uint256 contributionId, address validator);
    error EmptyCommitment();
    error RevealClosed(uint256 contributionId);
    error CommitmentMismatch(uint256 contributionId, address validator);
    error ScoreAboveOne(uint256 score);
    error ReviewIncomplete(uint256 contributionId);
    error ReviewUnderWay(uint256 contributionId);
    error NotContributor(uint256 contributionId, address caller);
    error VersionExceedsAccepted(uint64 contributions, uint64 rows, uint64 accepted, uint64 acceptedRows);
    error EmptyVersion();
    error NoAccessToRevoke(uint256 datanetId, address grantee);

    modifier onlyOwnerOf(uint256 datanetId) {
        _checkOwner(datanetId);
        _;
    }

    constructor(address admin, StakeManager stakes, address treasury, uint256 bondHold)
        Governed(admin)
        EIP712("OpenLedger DatanetRegistry", "1")
    {
        if (treasury == address(0)) revert ZeroAddress();
        STAKES = stakes;
        TREASURY = treasury;
        _defineParameter(BOND_HOLD, bondHold, 0, 90 days);
    }

    // --- datanets ---

    /// @param scoreThreshold 1e18 fixed point. @param quorum validators that must score; 0 lets the owner decide alone.
    /// @param reviewWindow seconds for each half of a review.
    function createDatanet(
        string calldata name,
        string calldata uri,
        bytes32 uriHash,
        Visibility visibility,
        uint256 minBond,
        uint256 scoreThreshold,
        uint16 quorum,
        uint64 reviewWindow
    ) external whenNotPaused returns (uint256 datanetId) {
        if (bytes(name).length == 0) revert EmptyName();
        datanetId = ++datanetCount;
        Datanet storage d = _datanets[datanetId];
        d.owner = msg.sender;
        d.status = DatanetStatus.Active;
        d.visibility = visibility;
        emit DatanetCreated(datanetId, msg.sender, name, uri, uriHash, uint8(visibility));
        _setRules(datanetId, minBond, scoreThreshold, quorum, reviewWindow);
    }

    function setMetadata(uint256 datanetId, string calldata uri, bytes32 uriHash) external onlyOwnerOf(datanetId) {
        emit DatanetMetadataUpdated(datanetId, uri, uriHash);
    }

    function setStatus(uint256 datanetId, DatanetStatus status) external onlyOwnerOf(datanetId) {
        Datanet storage d = _datanets[datanetId];
        if (status == DatanetStatus.None || status == d.status) revert InvalidStatus(uint8(status));
        emit DatanetStatusUpdated(datanetId, uint8(d.status), uint8(status));
        d.status = status;
    }

    function transferOwnership(uint256 datanetId, address to) external onlyOwnerOf(datanetId) {
        if (to == address(0)) revert ZeroAddress();
        emit DatanetOwnershipTransferred(datanetId, msg.sender, to);
        _datanets[datanetId].owner = to;
    }

    /// @notice Applies to contributions submitted from now on; reviews under way keep the rules they began with.
    function setRules(uint256 datanetId, uint256 minBond, uint256 scoreThreshold, uint16 quorum, uint64 reviewWindow)
        external
        onlyOwnerOf(datanetId)
    {
        _setRules(datanetId, minBond, scoreThreshold, quorum, reviewWindow);
    }

    function setValidator(uint256 datanetId, address validator, bool active) external onlyOwnerOf(datanetId) {
        if (validator == address(0)) revert ZeroAddress();
        isValidator[datanetId][validator] = active;
        emit ValidatorSet(datanetId, validator, active);
    }

    // --- relayers ---

    function authorizeRelayer(address relayer, uint64 expiresAt) external {
        _authorizeRelayer(msg.sender, relayer, expiresAt);
    }

    function authorizeRelayerWithSignature(
        address account,
        address relayer,
        uint64 expiresAt,
        uint256 deadline,
        bytes calldata signature
    ) external {
        _checkSignature(account, hashRelayerAuthorization(account, relayer, expiresAt, _useNonce(account), deadline), deadline, signature);
        _authorizeRelayer(account, relayer, expiresAt);
    }

    function revokeRelayer(address relayer) external {
        _revokeRelayer(msg.sender, relayer);
    }

    function revokeRelayerWithSignature(address account, address relayer, uint256 deadline, bytes calldata signature) external {
        _checkSignature(account, hashRelayerRevocation(account, relayer, _useNonce(account), deadline), deadline, signature);
        _revokeRelayer(account, relayer);
    }

    // --- contributions ---

    /// @notice Submits one's own contribution. The bond, if any, is taken from the caller by the StakeManager.
    function submitContribution(uint256 datanetId, bytes32 contentHash, string calldata uri, bytes32 licenseId, uint64 rows)
        external
        returns (uint256)
    {
        return _submit(msg.sender, datanetId, contentHash, uri, licenseId, rows);
    }

    /// @notice Submits for an account that authorised the caller as its relayer. The relayer pays, and owns, the bond.
    function submitContributionFor(
        address contributor,
        uint256 datanetId,
        bytes32 contentHash,
        string calldata uri,
        bytes32 licenseId,
        uint64 rows
    ) external returns (uint256) {
        _checkRelayer(contributor);
        return _submit(contributor, datanetId, contentHash, uri, licenseId, rows);
    }

    /// @notice Submits a contribution its contributor signed. The content hash can be used once, so nothing can be replayed.
    function submitContributionWithSignature(
        address contributor,
        uint256 datanetId,
        bytes32 contentHash,
        string calldata uri,
        bytes32 licenseId,
        uint64 rows,
        uint256 deadline,
        bytes calldata signature
    ) external returns (uint256) {
        _checkSignature(
            contributor, hashContribution(contributor, datanetId, contentHash, uri, licenseId, rows, deadline), deadline, signature
        );
        return _submit(contributor, datanetId, contentHash, uri, licenseId, rows);
    }

    // --- review ---

    /// @notice A validator commits to a score of somebody else's contribution, blind.
    /// @param commitment see scoreCommitment.
    function commitScore(uint256 contributionId, bytes32 commitment) external {
        _commit(msg.sender, contributionId, commitment);
    }

    /// @notice Commits for a validator that authorised the caller as its relayer. The score stays the validator's own:
    /// the commitment names it, and its rules hold for it. The relayer may be the one that submitted the contribution.
    /// @param commitment see scoreCommitment.
    function commitScoreFor(address validator, uint256 contributionId, bytes32 commitment) external {
        _checkRelayer(validator);
        _commit(validator, contributionId, commitment);
    }

    /// @notice A validator reveals the score it committed to.
    /// @param score 1e18 fixed point, at most one.
    function revealScore(uint256 contributionId, uint256 score, bytes32 evidenceHash, bytes32 salt) external {
        _reveal(msg.sender, contributionId, score, evidenceHash, salt);
    }

    /// @notice Reveals for a validator that authorised the caller as its relayer, however the commitment was made.
    /// @param score 1e18 fixed point, at most one.
    function revealScoreFor(address validator, uint256 contributionId, uint256 score, bytes32 evidenceHash, bytes32 salt)
        external
    {
        _checkRelayer(validator);
        _reveal(validator, contributionId, score, evidenceHash, salt);
    }

    /// @notice Decides a contribution by the median of its scores once its whole quorum has revealed. Anyone may call.
    function finalizeContribution(uint256 contributionId) external {
        Contribution storage c = _pending(contributionId);
        if (c.quorum == 0 || c.reveals < c.quorum) revert ReviewIncomplete(contributionId);
        uint256 score = median(_scores[contributionId]);
        if (score >= c.scoreThreshold) {
            _accept(contributionId, c, score);
        } else {
            // A score below half the threshold marks spam: its bond is lost to the treasury.
            _reject(contributionId, c, SCORE_BELOW_THRESHOLD, score * 2 < c.scoreThreshold);
        }
    }

    /// @notice The datanet's owner decides where there is no quorum to wait for: none is asked, or the review ran out.
    function decideContribution(uint256 contributionId, bool accept, bytes32 reason) external {
        Contribution storage c = _pending(contributionId);
        _checkOwner(c.datanetId);
        if (!_reviewOver(c)) revert ReviewUnderWay(contributionId);
        if (accept) _accept(contributionId, c, c.scoreThreshold);
        else _reject(contributionId, c, reason, false);
    }

    /// @notice A contributor takes a contribution back: before anyone reviews it, after a review ran out, or once accepted.
    function withdrawContribution(uint256 contributionId, bytes32 reason) external {
        Contribution storage c = _contributions[contributionId];
        if (c.status == ContributionStatus.None) revert UnknownContribution(contributionId);
        if (c.contributor != msg.sender && relayerUntil[c.contributor][msg.sender] <= block.timestamp) {
            revert NotContributor(contributionId, msg.sender);
        }
        if (c.status == ContributionStatus.Pending) {
            if (c.commits != 0 && !_reviewOver(c)) revert ReviewUnderWay(contributionId);
            _releaseBond(c, uint64(block.timestamp));
        }
        _revoke(contributionId, c, reason);
    }

    /// @notice An upheld dispute takes an accepted contribution out of the datanet.
    function revokeContribution(uint256 contributionId, bytes32 reason) external onlyRole(RESOLVER_ROLE) {
        Contribution storage c = _contributions[contributionId];
        if (c.status != ContributionStatus.Accepted) revert NotAccepted(contributionId, c.status);
        _revoke(contributionId, c, reason);
    }

    // --- versions and access ---

    /// @param root Merkle root over (contributionId, contentHash) of the contributions in this version.
    function publishVersion(uint256 datanetId, bytes32 root, uint64 contributions, uint64 rows, string calldata uri)
        external
        whenNotPaused
        onlyOwnerOf(datanetId)
        returns (uint32 version)
    {
        Datanet storage d = _datanets[datanetId];
        if (root == 0 || contributions == 0) revert EmptyVersion();
        if (contributions > d.accepted || rows > d.acceptedRows) {
            revert VersionExceedsAccepted(contributions, rows, d.accepted, d.acceptedRows);
        }
        version = ++d.versions;
        dataRoot[datanetId][version] = root;
        emit DatanetVersionPublished(datanetId, version, root, contributions, rows, uri);
    }

    function requestAccess(uint256 datanetId, string calldata purpose) external whenNotPaused {
        _existing(datanetId);
        emit AccessRequested(datanetId, msg.sender, purpose);
    }

    function grantAccess(uint256 datanetId, address grantee, uint64 expiresAt) external onlyOwnerOf(datanetId) {
        if (grantee == address(0)) revert ZeroAddress();
        if (expiresAt <= block.timestamp) revert ExpiryInPast(expiresAt);
        accessUntil[datanetId][grantee] = expiresAt;
        emit AccessGranted(datanetId, grantee, expiresAt);
    }

    function revokeAccess(uint256 datanetId, address grantee) external onlyOwnerOf(datanetId) {
        if (accessUntil[datanetId][grantee] == 0) revert NoAccessToRevoke(datanetId, grantee);
        accessUntil[datanetId][grantee] = 0;
        emit AccessRevoked(datanetId, grantee);
    }

    // --- views ---

    function datanet(uint256 datanetId) external view returns (Datanet memory) {
        return _existing(datanetId);
    }

    function contribution(uint256 contributionId) external view returns (Contribution memory) {
        Contribution storage c = _contributions[contributionId];
        if (c.status == ContributionStatus.None) revert UnknownContribution(contributionId);
        return c;
    }

    function scores(uint256 contributionId) external view returns (uint64[] memory) {
        return _scores[contributionId];
    }

    /// @notice The bond a contributor's next submission takes: the datanet's, up to five times it after upheld disputes.
    function requiredBond(uint256 datanetId, address contributor) public view returns (uint256) {
        uint256 bond = _existing(datanetId).minBond;
        return bond + (bond * PENALTY_BOND_FACTOR * STAKES.penalty(datanetId, contributor)) / ONE;
    }

    function hasAccess(uint256 datanetId, address account) external view returns (bool) {
        Datanet storage d = _existing(datanetId);
        return d.visibility == Visibility.Public || d.owner == account || accessUntil[datanetId][account] > block.timestamp;
    }

    /// @notice What a validator commits to. Bound to chain, registry, contribution and validator, so it cannot be copied.
    function scoreCommitment(uint256 contributionId, address validator, uint256 score, bytes32 evidenceHash, bytes32 salt)
        public
        view
        returns (bytes32)
    {
        return keccak256(abi.encode(block.chainid, address(this), contributionId, validator, score, evidenceHash, salt));
    }

    function hashRelayerAuthorization(address account, address relayer, uint64 expiresAt, uint256 nonce, uint256 deadline)
        public
        view
        returns (bytes32)
    {
        return _hashTypedDataV4(
            keccak256(abi.encode(RELAYER_AUTHORIZATION_TYPEHASH, account, relayer, expiresAt, nonce, deadline))
        );
    }

    function hashRelayerRevocation(address account, address relayer, uint256 nonce, uint256 deadline)
        public
        view
        returns (bytes32)
    {
        return _hashTypedDataV4(keccak256(abi.encode(RELAYER_REVOCATION_TYPEHASH, account, relayer, nonce, deadline)));
    }

    function hashContribution(
        address contributor,
        uint256 datanetId,
        bytes32 contentHash,
        string calldata uri,
        bytes32 licenseId,
        uint64 rows,
        uint256 deadline
    ) public view returns (bytes32) {
        return _hashTypedDataV4(
            keccak256(
                abi.encode(
                    CONTRIBUTION_TYPEHASH, contributor, datanetId, contentHash, keccak256(bytes(uri)), licenseId, rows, deadline
                )
            )
        );
    }

    /// @notice The middle score; the mean of the two middle ones, rounded down, for an even count.
    function median(uint64[] memory values) public pure returns (uint256) {
        uint256 n = values.length;
        for (uint256 i = 1; i < n; i++) {
            uint64 value = values[i];
            uint256 j = i;
            for (; j > 0 && values[j - 1] > value; j--) values[j] = values[j - 1];
            values[j] = value;
        }
        if (n % 2 == 1) return values[n / 2];
        return (uint256(values[n / 2 - 1]) + values[n / 2]) / 2;
    }

    // --- inside ---

    function _existing(uint256 datanetId) private view returns (Datanet storage d) {
        d = _datanets[datanetId];
        if (d.owner == address(0)) revert UnknownDatanet(datanetId);
    }

    function _checkOwner(uint256 datanetId) private view {
        if (_existing(datanetId).owner != msg.sender) revert NotDatanetOwner(datanetId, msg.sender);
    }

    function _pending(uint256 contributionId) private view returns (Contribution storage c) {
        c = _contributions[contributionId];
        if (c.status == ContributionStatus.None) revert UnknownContribution(contributionId);
        if (c.status != ContributionStatus.Pending) revert NotPending(contributionId, c.status);
    }

    function _revealFrom(Contribution storage c) private view returns (uint256) {
        return c.revealFrom != 0 ? c.revealFrom : uint256(c.submittedAt) + c.reviewWindow;
    }

    /// @dev No quorum is asked for, or the time to commit (when nobody did) or to reveal has passed without a full quorum.
    function _reviewOver(Contribution storage c) private view returns (bool) {
        if (c.quorum == 0) return true;
        if (c.reveals == c.quorum) return false;
        uint256 end = _revealFrom(c);
        if (c.commits != 0) end += c.reviewWindow;
        return block.timestamp >= end;
    }

    function _setRules(uint256 datanetId, uint256 minBond, uint256 scoreThreshold, uint16 quorum, uint64 reviewWindow) private {
        if (scoreThreshold > ONE || quorum > MAX_QUORUM || reviewWindow == 0 || reviewWindow > MAX_REVIEW_WINDOW) {
            revert InvalidRules(scoreThreshold, quorum, reviewWindow);
        }
        Datanet storage d = _datanets[datanetId];
        d.minBond = minBond;
        d.scoreThreshold = uint64(scoreThreshold);
        d.quorum = quorum;
        d.reviewWindow = reviewWindow;
        emit DatanetRulesUpdated(datanetId, minBond, scoreThreshold, quorum, reviewWindow);
    }

    function _checkSignature(address signer, bytes32 digest, uint256 deadline, bytes calldata signature) private view {
        if (block.timestamp > deadline) revert SignatureExpired(deadline);
        if (!SignatureChecker.isValidSignatureNow(signer, digest, signature)) revert InvalidSignature(signer);
    }

    function _authorizeRelayer(address account, address relayer, uint64 expiresAt) private whenNotPaused {
        if (relayer == address(0)) revert ZeroAddress();
        if (expiresAt <= block.timestamp) revert ExpiryInPast(expiresAt);
        relayerUntil[account][relayer] = expiresAt;
        emit RelayerAuthorized(account, relayer, expiresAt);
    }

    function _revokeRelayer(address account, address relayer) private {
        if (relayerUntil[account][relayer] == 0) revert NotRelayer(account, relayer);
        relayerUntil[account][relayer] = 0;
        emit RelayerRevoked(account, relayer);
    }

    function _checkRelayer(address account) private view {
        if (relayerUntil[account][msg.sender] <= block.timestamp) revert NotRelayer(account, msg.sender);
    }

    function _submit(
        address contributor,
        uint256 datanetId,
        bytes32 contentHash,
        string calldata uri,
        bytes32 licenseId,
        uint64 rows
    ) private whenNotPaused returns (uint256 contributionId) {
        Datanet storage d = _existing(datanetId);
        if (d.status != DatanetStatus.Active) revert DatanetNotActive(datanetId, d.status);
        if (contentHash == 0 || rows == 0) revert EmptyContribution();
        if (rows > MAX_ROWS) revert TooManyRows(rows, MAX_ROWS);
        uint256 existing = contributionOf[datanetId][contentHash];
        if (existing != 0) revert DuplicateContent(datanetId, contentHash, existing);

        contributionId = ++contributionCount;
        contributionOf[datanetId][contentHash] = contributionId;
        Contribution storage c = _contributions[contributionId];
        c.contributor = contributor;
        c.status = ContributionStatus.Pending;
        c.quorum = d.quorum;
        c.submittedAt = uint64(block.timestamp);
        c.reviewWindow = d.reviewWindow;
        c.scoreThreshold = d.scoreThreshold;
        c.rows = rows;
        c.relayer = msg.sender;
        c.datanetId = datanetId;
        c.contentHash = contentHash;

        uint256 bond = requiredBond(datanetId, contributor);
        emit ContributionSubmitted(
            contributionId, datanetId, contributor, msg.sender, contentHash, uri, licenseId, rows, bond
        );
        if (bond != 0) c.bondId = STAKES.lockBond(msg.sender, STAKES.CONTRIBUTOR(), contributionId, bond);
    }

    function _commit(address validator, uint256 contributionId, bytes32 commitment) private whenNotPaused {
        Contribution storage c = _pending(contributionId);
        if (!isValidator[c.datanetId][validator]) revert NotValidator(c.datanetId, validator);
        if (validator == c.contributor || validator == c.relayer) revert OwnContribution(contributionId, validator);
        if (uint256(commitment) <= 1) revert EmptyCommitment();
        if (commitments[contributionId][validator] != 0) revert AlreadyCommitted(contributionId, validator);
        if (c.revealFrom != 0 || block.timestamp >= c.submittedAt + c.reviewWindow) revert CommitClosed(contributionId);
        if (c.quorum == 0) revert CommitClosed(contributionId);
        commitments[contributionId][validator] = commitment;
        if (++c.commits == c.quorum) c.revealFrom = uint64(block.timestamp);
        emit ScoreCommitted(contributionId, validator, commitment);
    }

    function _reveal(address validator, uint256 contributionId, uint256 score, bytes32 evidenceHash, bytes32 salt) private {
        Contribution storage c = _pending(contributionId);
        if (score > ONE) revert ScoreAboveOne(score);
        uint256 from = _revealFrom(c);
        if (block.timestamp < from || block.timestamp >= from + c.reviewWindow) revert RevealClosed(contributionId);
        bytes32 expected = scoreCommitment(contributionId, validator, score, evidenceHash, salt);
        if (commitments[contributionId][validator] != expected) revert CommitmentMismatch(contributionId, validator);
        commitments[contributionId][validator] = REVEALED;
        c.reveals += 1;
        _scores[contributionId].push(uint64(score));
        emit ContributionScored(contributionId, c.datanetId, validator, score, evidenceHash);
    }

    function _accept(uint256 contributionId, Contribution storage c, uint256 score) private {
        c.status = ContributionStatus.Accepted;
        Datanet storage d = _datanets[c.datanetId];
        d.accepted += 1;
        d.acceptedRows += c.rows;
        emit ContributionAccepted(contributionId, c.datanetId, c.contributor, score);
        _releaseBond(c, uint64(block.timestamp + parameter(BOND_HOLD)));
    }

    function _reject(uint256 contributionId, Contribution storage c, bytes32 reason, bool loseBond) private {
        c.status = ContributionStatus.Rejected;
        emit ContributionRejected(contributionId, c.datanetId, c.contributor, reason);
        if (loseBond && c.bondId != 0) STAKES.slash(c.bondId, type(uint256).max, 0, TREASURY);
        else _releaseBond(c, uint64(block.timestamp));
    }

    function _revoke(uint256 contributionId, Contribution storage c, bytes32 reason) private {
        if (c.status == ContributionStatus.Accepted) {
            Datanet storage d = _datanets[c.datanetId];
            d.accepted -= 1;
            d.acceptedRows -= c.rows;
        } else if (c.status != ContributionStatus.Pending) {
            revert NotAccepted(contributionId, c.status);
        }
        c.status = ContributionStatus.Revoked;
        emit ContributionRevoked(contributionId, c.datanetId, reason);
    }

    function _releaseBond(Contribution storage c, uint64 availableAt) private {
        if (c.bondId != 0) STAKES.releaseBond(c.bondId, availableAt);
    }
}
