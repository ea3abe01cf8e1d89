// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Governed} from "./Governed.sol";
import {IStakeManager} from "./interfaces/IStakeManager.sol";
import {Parameters} from "./Parameters.sol";

/// @notice Keeps every stake and bond of the protocol. Voluntary validator and worker stakes share the stakers' part of
/// all fees; bonds are held for other contracts and earn nothing.
/// @dev OPEN held here = sum of all stakes + rewards owed + dust from rounding down.
contract StakeManager is Parameters, IStakeManager {
    using SafeERC20 for IERC20;

    struct Stake {
        address account;
        uint64 availableAt;
        bool bond;
        bytes32 role;
        uint256 targetId;
        uint256 amount;
        uint256 pending;
    }

    bytes32 public constant BONDER_ROLE = keccak256("BONDER_ROLE");
    bytes32 public constant SLASHER_ROLE = keccak256("SLASHER_ROLE");
    bytes32 public constant REWARDER_ROLE = keccak256("REWARDER_ROLE");

    bytes32 public constant CONTRIBUTOR = keccak256("CONTRIBUTOR");
    bytes32 public constant VALIDATOR = keccak256("VALIDATOR");
    bytes32 public constant WORKER = keccak256("WORKER");
    bytes32 public constant DISPUTER = keccak256("DISPUTER");

    /// @notice Seconds between asking for stake back and being able to withdraw it.
    bytes32 public constant UNSTAKE_COOLDOWN = keccak256("UNSTAKE_COOLDOWN");
    /// @notice Least voluntary stake, in wei of OPEN.
    bytes32 public constant MIN_STAKE = keccak256("MIN_STAKE");

    uint256 private constant PRECISION = 1e18;
    uint256 private constant MAX_PENALTY = 1e18;

    IERC20 public immutable OPEN;

    uint256 public stakeCount;
    uint256 public totalStaked;
    uint256 public totalEarning;
    uint256 public rewardsOwed;
    uint256 public rewardPerToken;

    mapping(uint256 stakeId => Stake) private _stakes;
    mapping(address account => uint256) public earningStake;
    mapping(address account => uint256) public rewardPerTokenPaid;
    mapping(address account => uint256) private _accrued;
    mapping(address account => uint256) public openDisputes;
    mapping(uint256 stakeId => uint256) public openStakeDisputes;
    mapping(uint256 datanetId => mapping(address contributor => uint256)) public penalty;

    error UnknownRole(bytes32 role);
    error StakeBelowMinimum(uint256 amount, uint256 minimum);
    error UnknownStake(uint256 stakeId);
    error NotStakeOwner(uint256 stakeId, address caller);
    error BondIsHeld(uint256 stakeId);
    error AmountAboveStake(uint256 stakeId, uint256 amount, uint256 staked);
    error NothingToWithdraw(uint256 stakeId);
    error StillCoolingDown(uint256 stakeId, uint64 availableAt);
    error StakeFrozen(address account, uint256 openDisputes);
    error NoStakers();
    error PenaltyAboveOne(uint256 score);

    constructor(address admin, IERC20 open, uint256 unstakeCooldown, uint256 minStake) Governed(admin) {
        OPEN = open;
        _defineParameter(UNSTAKE_COOLDOWN, unstakeCooldown, 1, 90 days);
        _defineParameter(MIN_STAKE, minStake, 1, 1_000_000 ether);
    }

    /// @notice Stakes OPEN as contributor, validator (target: a datanet) or worker (target: the worker's address as a number).
    function stake(bytes32 role, uint256 targetId, uint256 amount) external whenNotPaused returns (uint256 stakeId) {
        if (role != CONTRIBUTOR && role != VALIDATOR && role != WORKER) revert UnknownRole(role);
        uint256 minimum = parameter(MIN_STAKE);
        if (amount < minimum) revert StakeBelowMinimum(amount, minimum);
        stakeId = _open(msg.sender, msg.sender, role, targetId, amount, false);
        if (_earns(role)) _addEarning(msg.sender, amount);
    }

    /// @notice Asks for `amount` of a stake back; replaces an earlier request, and zero cancels it.
    function requestUnstake(uint256 stakeId, uint256 amount) external {
        Stake storage s = _stakes[stakeId];
        if (s.account == address(0)) revert UnknownStake(stakeId);
        if (s.account != msg.sender) revert NotStakeOwner(stakeId, msg.sender);
        if (s.bond) revert BondIsHeld(stakeId);
        if (amount > s.amount) revert AmountAboveStake(stakeId, amount, s.amount);
        uint256 before = s.amount - s.pending;
        s.pending = amount;
        s.availableAt = uint64(block.timestamp + parameter(UNSTAKE_COOLDOWN));
        if (_earns(s.role)) _moveEarning(s.account, before, s.amount - amount);
        emit UnstakeRequested(stakeId, s.account, amount, s.availableAt);
    }

    /// @notice Pays a stake's requested part to its owner once it has cooled down. Anyone may call.
    function withdrawStake(uint256 stakeId) public {
        Stake storage s = _stakes[stakeId];
        uint256 amount = s.pending;
        if (s.account == address(0)) revert UnknownStake(stakeId);
        if (amount == 0) revert NothingToWithdraw(stakeId);
        if (block.timestamp < s.availableAt) revert StillCoolingDown(stakeId, s.availableAt);
        uint256 disputes = openDisputes[s.account] + openStakeDisputes[stakeId];
        if (disputes != 0) revert StakeFrozen(s.account, disputes);
        s.pending = 0;
        s.amount -= amount;
        totalStaked -= amount;
        emit StakeWithdrawn(stakeId, s.account, amount);
        OPEN.safeTransfer(s.account, amount);
    }

    function withdrawStakes(uint256[] calldata stakeIds) external {
        for (uint256 i = 0; i < stakeIds.length; i++) withdrawStake(stakeIds[i]);
    }

    /// @notice Pays an account its part of the stakers' fees. Anyone may call.
    function claimStakerReward(address account) external returns (uint256 amount) {
        _accrue(account);
        amount = _accrued[account];
        if (amount == 0) return 0;
        _accrued[account] = 0;
        rewardsOwed -= amount;
        emit StakerRewardPaid(account, amount);
        OPEN.safeTransfer(account, amount);
    }

    // --- for the protocol's other contracts ---

    /// @notice Holds a bond. The payer must have approved this contract; the bond belongs to the payer.
    function lockBond(address payer, bytes32 role, uint256 targetId, uint256 amount)
        external
        onlyRole(BONDER_ROLE)
        returns (uint256 stakeId)
    {
        return _open(payer, payer, role, targetId, amount, true);
    }

    /// @notice Lets a bond's owner withdraw it from `availableAt` on.
    function releaseBond(uint256 stakeId, uint64 availableAt) external onlyRole(BONDER_ROLE) {
        Stake storage s = _stakes[stakeId];
        if (!s.bond) revert UnknownStake(stakeId);
        s.pending = s.amount;
        s.availableAt = availableAt;
        emit UnstakeRequested(stakeId, s.account, s.amount, availableAt);
    }

    /// @notice Takes up to `amount` of a stake or bond, pending withdrawals included, for `beneficiary`.
    /// @return taken what was still there to take.
    function slash(uint256 stakeId, uint256 amount, uint256 disputeId, address beneficiary)
        external
        onlyRole(SLASHER_ROLE)
        returns (uint256 taken)
    {
        Stake storage s = _stakes[stakeId];
        if (s.account == address(0)) revert UnknownStake(stakeId);
        if (beneficiary == address(0)) revert ZeroAddress();
        taken = Math.min(amount, s.amount);
        if (taken == 0) return 0;
        uint256 before = s.amount - s.pending;
        s.amount -= taken;
        s.pending = Math.min(s.pending, s.amount);
        totalStaked -= taken;
        if (!s.bond && _earns(s.role)) _moveEarning(s.account, before, s.amount - s.pending);
        emit Slashed(stakeId, s.account, disputeId, taken, beneficiary);
        OPEN.safeTransfer(beneficiary, taken);
    }

    /// @notice An open dispute keeps the respondent's stakes, and a bond that stands for the target, from leaving.
    /// @param bondId the bond of a disputed contribution, which may be its relayer's; zero for none.
    function freeze(address account, uint256 bondId) external onlyRole(SLASHER_ROLE) {
        openDisputes[account] += 1;
        if (bondId != 0) openStakeDisputes[bondId] += 1;
    }

    function unfreeze(address account, uint256 bondId) external onlyRole(SLASHER_ROLE) {
        openDisputes[account] -= 1;
        if (bondId != 0) openStakeDisputes[bondId] -= 1;
    }

    /// @param newScore 1e18 fixed point, at most one.
    function setPenalty(uint256 datanetId, address contributor, uint256 newScore) external onlyRole(SLASHER_ROLE) {
        if (newScore > MAX_PENALTY) revert PenaltyAboveOne(newScore);
        emit PenaltyUpdated(datanetId, contributor, penalty[datanetId][contributor], newScore);
        penalty[datanetId][contributor] = newScore;
    }

    /// @notice Shares `amount`, already transferred here, over all earning stakes.
    function notifyReward(uint256 amount) external onlyRole(REWARDER_ROLE) {
        if (totalEarning == 0) revert NoStakers();
        rewardsOwed += amount;
        rewardPerToken += Math.mulDiv(amount, PRECISION, totalEarning);
    }

    // --- views ---

    function stakes(uint256 stakeId) external view returns (Stake memory) {
        return _stakes[stakeId];
    }

    function hasStakers() external view returns (bool) {
        return totalEarning != 0;
    }

    function stakerReward(address account) public view returns (uint256) {
        return _accrued[account]
            + Math.mulDiv(earningStake[account], rewardPerToken - rewardPerTokenPaid[account], PRECISION);
    }

    // --- inside ---

    function _open(address payer, address account, bytes32 role, uint256 targetId, uint256 amount, bool bond)
        private
        returns (uint256 stakeId)
    {
        stakeId = ++stakeCount;
        _stakes[stakeId] =
            Stake({account: account, availableAt: 0, bond: bond, role: role, targetId: targetId, amount: amount, pending: 0});
        totalStaked += amount;
        emit RoleStaked(stakeId, account, role, targetId, amount);
        OPEN.safeTransferFrom(payer, address(this), amount);
    }

    function _earns(bytes32 role) private pure returns (bool) {
        return role == VALIDATOR || role == WORKER;
    }

    function _addEarning(address account, uint256 amount) private {
        _accrue(account);
        earningStake[account] += amount;
        totalEarning += amount;
    }

    function _moveEarning(address account, uint256 from, uint256 to) private {
        _accrue(account);
        earningStake[account] = earningStake[account] - from + to;
        totalEarning = totalEarning - from + to;
    }

    function _accrue(address account) private {
        _accrued[account] = stakerReward(account);
        rewardPerTokenPaid[account] = rewardPerToken;
    }
}
