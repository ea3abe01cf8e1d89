// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice Stands in for OpenLedger's staking of the L2's coin: with its events, and as little behind them as they need.
contract PublishedStaking {
    enum Status {
        None,
        Staked,
        UnstakeRequested,
        Unstaked
    }

    struct Position {
        address recipient;
        uint256 amount;
        Status status;
    }

    uint256 public configs;
    uint256 public stakings;
    mapping(uint256 stakingId => Position) public positions;

    event Staked(uint256 indexed stakingId, address indexed recipient, uint256 indexed amount);
    event ToppedUp(uint256 indexed stakingId, address indexed recipient, uint256 amount);
    event RequestUnstake(uint256 indexed stakingId, address indexed recipient);
    event Unstaked(uint256 indexed stakingId, address indexed recipient);
    event ConfigCreated(uint256 indexed configId);
    event ConfigSet(uint256 indexed configId);
    event CommitStake(uint256 indexed stakingId, bytes commitment);

    function createConfig() external {
        emit ConfigCreated(++configs);
    }

    function setConfig(uint256 configId) external {
        require(configId != 0 && configId <= configs);
        emit ConfigSet(configId);
    }

    function stake(address recipient) external payable {
        positions[++stakings] = Position(recipient, msg.value, Status.Staked);
        emit Staked(stakings, recipient, msg.value);
    }

    function topUp(uint256 stakingId) external payable {
        Position storage position = positions[stakingId];
        require(position.status == Status.Staked);
        position.amount += msg.value;
        emit ToppedUp(stakingId, position.recipient, msg.value);
    }

    function commitStake(uint256 stakingId, bytes calldata commitment) external {
        require(positions[stakingId].status == Status.Staked);
        emit CommitStake(stakingId, commitment);
    }

    function requestUnstake(uint256 stakingId) external {
        Position storage position = positions[stakingId];
        require(position.recipient == msg.sender && position.status == Status.Staked);
        position.status = Status.UnstakeRequested;
        emit RequestUnstake(stakingId, msg.sender);
    }

    function unstake(uint256 stakingId) external {
        Position storage position = positions[stakingId];
        require(position.recipient == msg.sender && position.status == Status.UnstakeRequested);
        uint256 amount = position.amount;
        (position.amount, position.status) = (0, Status.Unstaked);
        emit Unstaked(stakingId, msg.sender);
        (bool paid, ) = msg.sender.call{value: amount}("");
        require(paid);
    }
}
